/**
 * The storefront's cart, as its Ajax API says it: amounts are in hundredths, whatever the currency.
 *
 * Source: https://shopify.dev/docs/api/ajax/reference/cart
 */
import type {Cart} from '../../shared/src/client';
import {decimals, wire, type Money} from '../../shared/src/money';
import {sameCode, type Carried} from '../../shared/src/open';
import type {Page} from './page';

export interface AjaxCart {
  readonly token: string;
  readonly currency: string;
  readonly total_price: number;
  readonly items: readonly Item[];
  readonly attributes?: Readonly<Record<string, string>>;
  readonly discount_codes?: readonly {readonly code: string; readonly applicable: boolean}[];
  readonly cart_level_discount_applications?: readonly Application[];
}

interface Item {
  readonly product_id: number;
  readonly variant_id: number;
  readonly quantity: number;
  readonly original_price: number;
  readonly gift_card: boolean;
  readonly line_level_discount_allocations?: readonly {
    readonly amount: number;
    readonly discount_application: {readonly title: string};
  }[];
}

interface Application {
  readonly title: string;
  readonly total_allocated_amount: number;
}

const MOST_CODES = 10;

export async function readCart(page: Page): Promise<AjaxCart> {
  const response = await page.fetch(`${page.root}cart.js`, {headers: {Accept: 'application/json'}});
  if (!response.ok) throw new Error('no cart');
  return (await response.json()) as AjaxCart;
}

/** The cart's token as the order will say it, which is without its key. */
export function tokenOf(cart: AjaxCart): string {
  return cart.token.replace(/\?.*/, '');
}

export function total(cart: AjaxCart): Money {
  return ofHundredths(cart.total_price, cart.currency);
}

export function codesOn(cart: AjaxCart): string[] {
  return (cart.discount_codes ?? []).map(({code}) => code);
}

export function carried(cart: AjaxCart): Carried {
  return {codes: codesOn(cart), attributes: cart.attributes ?? {}};
}

/** What a code takes off now, zero where it counts only at the checkout; null if it does not apply. */
export function takenOff(cart: AjaxCart, code: string): Money | null {
  if (!cart.discount_codes?.some((each) => each.applicable && sameCode(each.code, code))) return null;
  const onCart = (cart.cart_level_discount_applications ?? [])
    .filter(({title}) => sameCode(title, code))
    .map((each) => each.total_allocated_amount);
  const onLines = cart.items
    .flatMap((item) => item.line_level_discount_allocations ?? [])
    .filter((each) => sameCode(each.discount_application.title, code))
    .map(({amount}) => amount);
  return ofHundredths([...onCart, ...onLines].reduce((sum, each) => sum + each, 0), cart.currency);
}

/** The cart for a quote: prices of one unit, before discounts. */
export function forQuote(cart: AjaxCart): Cart {
  return {
    token: tokenOf(cart),
    lines: cart.items.map((item) => ({
      product_id: String(item.product_id),
      variant_id: String(item.variant_id),
      quantity: item.quantity,
      price: wire(ofHundredths(item.original_price, cart.currency)),
      gift_card: item.gift_card,
    })),
    codes: codesOn(cart).slice(0, MOST_CODES),
  };
}

/**
 * Yen have no decimals, and are written with two all the same.
 *
 * Source: https://shopify.dev/docs/api/liquid/objects/cart
 */
function ofHundredths(amount: number, currency: string): Money {
  return {minor: Math.round((amount * 10 ** decimals(currency)) / 100), currency};
}
