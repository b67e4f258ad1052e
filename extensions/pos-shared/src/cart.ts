/** Reading a till's cart: what stands on it by us, what it takes off, and how a quote wants it. */
import type {Cart, Discount} from '@shopify/ui-extensions/point-of-sale';
import type {Cart as CartIn, Redemption} from '../../shared/src/client';
import {decimal, decimals, least, money, parse, type Money} from '../../shared/src/money';

/** What has to be known of a redemption to find it on a cart, and to take it off. */
export type Placed = Pick<Redemption, 'id' | 'code' | 'cart_attribute'>;

const CART = '_rewards_cart';
const SHORT = 8;

/**
 * The property that names a redemption on its cart, and on the order.
 *
 * Without a code it is how the order uses it. Beside a code it is a second link for people and for the next time that
 * a modal opens: the proxy goes by the code then, so the property counts nothing twice.
 */
export function attributeOf(redemption: Placed): {key: string; value: string} {
  return redemption.cart_attribute ?? {key: `_redemption_${redemption.id.slice(-SHORT)}`, value: redemption.id};
}

/** A till's cart has no id, so it carries one of ours, also when it is parked and taken up elsewhere. */
export function scopeOf(cart: Cart): string | null {
  return cart.properties[CART] ?? null;
}

export function scopeProperty(scope: string): Record<string, string> {
  return {[CART]: scope};
}

/** Whether a discount is this redemption's: tills show the code, or the title that the proxy gave the discount. */
export function isOf(discount: Discount, redemption: Placed): boolean {
  const said = (discount.discountDescription ?? '').toLowerCase();
  const {code, id} = redemption;
  return (
    said !== '' && code !== null && (said.includes(code.toLowerCase()) || said.includes(id.slice(-SHORT).toLowerCase()))
  );
}

export function named(cart: Cart, redemption: Placed): boolean {
  return every(cart).some((each) => isOf(each, redemption));
}

/** All discounts that somebody put on: on the cart, and on single lines. */
export function every(cart: Cart): Discount[] {
  return [...cart.cartDiscounts, ...cart.lineItems.flatMap((line) => line.discounts)];
}

export function has(cart: Cart, redemption: Placed): boolean {
  return cart.properties[attributeOf(redemption).key] === redemption.id;
}

/** Whether it stands on this cart. A code whose discounts have all gone was taken off by hand. */
export function carries(cart: Cart, redemption: Placed): boolean {
  if (redemption.code === null) return has(cart, redemption);
  return named(cart, redemption) || (has(cart, redemption) && every(cart).length > 0);
}

/** What is to be paid and what is off the lines, to see later whether a code took anything off. */
export interface Before {
  readonly total: Money | null;
  readonly off: number;
  readonly discounts: number;
}

export function before(cart: Cart, currency: string): Before {
  return {total: parse(cart.grandTotal, currency), off: offLines(cart, currency), discounts: every(cart).length};
}

/**
 * What came off since, null for nothing. That a code is listed proves nothing: the sum has to have fallen, and a
 * discount has to have come. Tax falls with a price, so no more counts than the redemption has.
 */
export function cameOff(cart: Cart, was: Before, redemption: Redemption, currency: string): Money | null {
  const now = before(cart, currency);
  const came = named(cart, redemption) || now.discounts > was.discounts || now.off > was.off;
  if (!came) return null;
  const fell = was.total === null || now.total === null ? now.off - was.off : was.total.minor - now.total.minor;
  if (fell > 0) return atMost(redemption, {minor: fell, currency});
  // Where totals cannot be read, the entry itself is all that there is.
  return was.total === null || now.total === null ? listed(cart, redemption, currency) : null;
}

/** What the cart says that it takes off, where it says an amount. */
export function listed(cart: Cart, redemption: Redemption, currency: string): Money | null {
  const entry = every(cart).find((each) => isOf(each, redemption) && each.type !== 'Percentage' && each.amount > 0);
  return entry === undefined ? null : atMost(redemption, fromNumber(entry.amount, currency));
}

function atMost(redemption: Redemption, off: Money): Money {
  const amount = redemption.amount === null ? null : money(redemption.amount);
  return amount === null || amount.currency !== off.currency ? off : least(off, amount);
}

function offLines(cart: Cart, currency: string): number {
  const shares = cart.lineItems.flatMap((line) => line.discountAllocations ?? []);
  return shares.reduce((sum, {allocatedAmount}) => sum + (parse(allocatedAmount.amount, currency)?.minor ?? 0), 0);
}

/** The platform gives numbers here; they are rounded to what the currency has, once. */
function fromNumber(amount: number, currency: string): Money {
  return parse(amount.toFixed(decimals(currency)), currency) ?? {minor: 0, currency};
}

/** The cart for a quote. Of the discounts only those that may be codes are named: a code has no spaces. */
export function quoted(cart: Cart, currency: string): CartIn {
  const codes = cart.cartDiscounts.flatMap(({discountDescription: said}) => (said && !/\s/.test(said) ? [said] : []));
  return {
    token: scopeOf(cart),
    lines: cart.lineItems.map((line) => ({
      product_id: line.productId === undefined ? null : String(line.productId),
      variant_id: line.variantId === undefined ? null : String(line.variantId),
      quantity: line.quantity,
      price: {amount: decimal(fromNumber(line.price ?? 0, currency)), currencyCode: currency},
      gift_card: line.isGiftCard,
    })),
    codes: codes.slice(0, 10),
  };
}
