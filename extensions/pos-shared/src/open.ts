/** The customer's open redemptions that can still be used. */
import type {Overview, Redemption} from '../../shared/src/client';

export function open(overview: Overview): Redemption[] {
  const {redemptions} = overview as Overview & {redemptions: Redemption[]};
  return redemptions.filter(({code, cart_attribute}) => code !== null || cart_attribute !== null);
}
