/** What stands on the cart by us, kept on the device, so that whoever looks next knows whose it is. */
import type {Till} from './till';
import type {Placed} from './cart';

export interface OnCart {
  readonly customer: string;
  readonly redemptions: readonly Placed[];
}

const KEY = 'on_cart';

export async function readOnCart({storage}: Pick<Till, 'storage'>): Promise<OnCart | null> {
  try {
    return ((await storage.get(KEY)) as OnCart | undefined) ?? null;
  } catch {
    return null;
  }
}

/** A storage that is full costs the early release, never the sale: the hold ends by itself. */
export async function writeOnCart({storage}: Pick<Till, 'storage'>, onCart: OnCart | null): Promise<void> {
  try {
    if (onCart === null || onCart.redemptions.length === 0) await storage.delete(KEY);
    else await storage.set(KEY, onCart);
  } catch {
    return;
  }
}
