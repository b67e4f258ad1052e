/** What of Shopify's checkout this extension reads and changes; only the entries touch the `shopify` global. */
import type {Api as Block} from '@shopify/ui-extensions/purchase.checkout.block.render';
import type {Api as Reductions} from '@shopify/ui-extensions/purchase.checkout.reductions.render-after';
import {decimals, parse, type Money} from '../../shared/src/money';

type Either = Block | Reductions;

/** What came off, and by what. */
export type Counted = Pick<
  Either,
  'attributes' | 'cost' | 'deliveryGroups' | 'discountAllocations' | 'discountCodes' | 'lines'
>;

/** An order that was placed just now. */
export type Order = Counted &
  Pick<Either, 'buyerIdentity' | 'i18n' | 'settings' | 'storage'> & {
    readonly extension: Pick<Either['extension'], 'editor'>;
  };

export type Platform = Counted &
  Pick<
    Either,
    | 'applyAttributeChange'
    | 'applyDiscountCodeChange'
    | 'buyerIdentity'
    | 'checkoutToken'
    | 'i18n'
    | 'instructions'
    | 'sessionToken'
    | 'settings'
    | 'storage'
  > & {readonly extension: Pick<Either['extension'], 'editor' | 'rendered' | 'target'>};

interface PlatformMoney {
  readonly amount: number;
  readonly currencyCode: string;
}

/** Shopify gives an amount as a number; here it becomes exact, once. */
export function exact({amount, currencyCode}: PlatformMoney): Money {
  const read = parse(amount.toFixed(decimals(currencyCode)), currencyCode);
  if (read === null) throw new RangeError('no amount');
  return read;
}

interface Watched {
  subscribe(tell: () => void): () => void;
}

/** Waits until `seen`, looking whenever a field changes, and gives what was seen; false when the time is over. */
export function settled(fields: readonly Watched[], seen: () => boolean, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const ends: (() => void)[] = [];
    const end = (answer: boolean) => {
      clearTimeout(timer);
      ends.splice(0).forEach((each) => each());
      resolve(answer);
    };
    const timer = setTimeout(() => end(seen()), withinMs);
    if (seen()) return end(true);
    for (const field of fields) ends.push(field.subscribe(() => seen() && end(true)));
  });
}
