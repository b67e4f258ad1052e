/** The customer's open redemptions that can still be used. Which stand on the cart, cart.ts says: tills show codes or titles. */
import type {Overview, Redemption} from '../../shared/src/client';

export function open({redemptions}: Overview): Redemption[] {
  return redemptions.filter(({code, cart_attribute}) => code !== null || cart_attribute !== null);
}
