/** A tile lives as long as the home screen: it frees a customer's value when the cart becomes somebody else's. */
import type {StaffClient} from '../../shared/src/client';
import {carries} from './cart';
import {TillHost} from './host';
import {readOnCart, writeOnCart} from './on_cart';
import {quietly} from './quietly';
import {customerOn, declared, type Till} from './till';

/**
 * Takes off and releases what an earlier customer left on this cart; tells whether there was any.
 *
 * After a sale the cart is empty, and nothing of it is here. Where a till empties it in steps, a release may be asked
 * for too much: at the proxy an order that used the code wins.
 */
export async function letGo(till: Till, client: StaffClient): Promise<boolean> {
  const kept = await readOnCart(till);
  if (kept === null || kept.customer === customerOn(till.cart.current.value)) return false;
  const left = kept.redemptions.filter((each) => carries(till.cart.current.value, each));
  await writeOnCart(till, null);
  const host = new TillHost(till, kept.customer, () => null, left);
  const redeemer = client.redeemer(() => declared(till, kept.customer));
  for (const each of left) {
    // Whatever stays on the cart is dead once it is released.
    await quietly(() => host.remove(each), null);
    await redeemer.release(each.id);
  }
  return left.length > 0;
}
