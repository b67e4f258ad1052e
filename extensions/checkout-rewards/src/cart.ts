/** The checkout's cart, as a quote is asked for it. */
import type {Cart} from '../../shared/src/client';
import {money, wire} from '../../shared/src/money';
import {exact, type Platform} from './platform';

type Line = Cart['lines'][number];

// What the proxy takes; a longer cart gets no quote, and the redemption itself says what is wrong.
const MOST_LINES = 250;
const MOST_CODES = 10;

/** `codes`: name the codes that stand on it too, which costs the proxy a question to Shopify. */
export function cartOf(platform: Platform, codes: 'codes' | 'no codes'): Cart | null {
  const lines = platform.lines.value;
  if (lines.length === 0 || lines.length > MOST_LINES) return null;
  const token = platform.checkoutToken.value;
  return {
    ...(token === undefined ? {} : {token}),
    lines: lines.map(lineOf),
    ...(codes === 'codes' ? {codes: platform.discountCodes.value.slice(0, MOST_CODES).map(({code}) => code)} : {}),
  };
}

function lineOf({merchandise, quantity, cost}: Platform['lines']['value'][number]): Line {
  const total = exact(cost.totalAmount);
  // A line's discount need not divide by its pieces: then it is one piece of the whole price.
  const even = total.minor % quantity === 0;
  const price = even ? {...total, minor: total.minor / quantity} : total;
  return {
    product_id: merchandise.product.id,
    variant_id: merchandise.id,
    quantity: even ? quantity : 1,
    price: wire(price),
  };
}

/** The currency that the buyer pays in. */
export function currencyOf(platform: Platform): string {
  return platform.cost.subtotalAmount.value.currencyCode;
}

/** Whether an amount of the proxy is in the currency of this checkout. */
export function fits(platform: Platform, amount: {amount: string; currencyCode: string}): boolean {
  return money(amount).currency === currencyOf(platform);
}
