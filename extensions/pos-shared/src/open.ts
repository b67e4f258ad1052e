/** The customer's open redemptions that can still be used. Which of them stand on a till's cart, cart.ts says. */
import type {Overview, Redemption} from '../../shared/src/client';

export function open({redemptions}: Overview): Redemption[] {
  return redemptions.filter(({code, cart_attribute}) => code !== null || cart_attribute !== null);
}
