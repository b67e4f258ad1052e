/** What stands on the cart by us, kept on the device, so that whoever looks next knows whose it is. */
import type {Till} from './till';
import type {Placed} from './cart';
import {quietly} from './quietly';

export interface OnCart {
  readonly customer: string;
  readonly redemptions: readonly Placed[];
}

const KEY = 'on_cart';

export async function readOnCart({storage}: Pick<Till, 'storage'>): Promise<OnCart | null> {
  return ((await quietly(() => storage.get(KEY), null)) as OnCart | undefined) ?? null;
}

/** A storage that is full costs the early release, never the sale: the hold ends by itself. */
export async function writeOnCart({storage}: Pick<Till, 'storage'>, onCart: OnCart | null): Promise<void> {
  const nothing = onCart === null || onCart.redemptions.length === 0;
  await quietly<unknown, null>(() => (nothing ? storage.delete(KEY) : storage.set(KEY, onCart)), null);
}
