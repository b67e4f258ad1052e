/**
 * The storefront's cart for the redeem flow: other codes on it are kept, in their order.
 *
 * Written through Shopify's standard action, which brings the theme's own cart up to date; where there is none, through
 * the Ajax API, and then the page has to be loaded again.
 * Source: https://shopify.dev/docs/api/storefront-events-and-actions/actions/update-cart
 */
import type {Cart, Redemption} from '../../shared/src/client';
import type {Money} from '../../shared/src/money';
import {sameCode} from '../../shared/src/open';
import type {Host} from '../../shared/src/redeem';
import {codesOn, forQuote, readCart, takenOff, tokenOf, type AjaxCart} from './cart';
import type {Page} from './page';

const READS = 3;
const PAUSE_MS = 400;

export class StorefrontHost implements Host {
  /** The theme was not told of the last change. */
  behind = false;
  readonly #page: Page;
  readonly #known: () => AjaxCart | null;
  readonly #wait: (ms: number) => Promise<void>;

  constructor(page: Page, known: () => AjaxCart | null, wait: (ms: number) => Promise<void>) {
    this.#page = page;
    this.#known = known;
    this.#wait = wait;
  }

  closed(): null {
    return null;
  }

  cart(): Cart | null {
    const cart = this.#known();
    return cart === null ? null : forQuote(cart);
  }

  scope(): string | null {
    const cart = this.#known();
    return cart === null ? null : tokenOf(cart);
  }

  async apply({code, cart_attribute: attribute}: Redemption): Promise<boolean> {
    if (attribute !== null && !(await this.#post({attributes: {[attribute.key]: attribute.value}}))) return false;
    if (code === null) return attribute !== null;
    const codes = codesOn(await readCart(this.#page));
    return codes.some((each) => sameCode(each, code)) || this.#write([...codes, code]);
  }

  /** What was written through one API may be seen a moment later through the other. */
  async verify({code, benefit}: Redemption): Promise<Money | null> {
    if (code === null) return null;
    for (let reads = 1; ; reads += 1) {
      const off = takenOff(await readCart(this.#page), code);
      // What a benefit gives may count at the checkout only, as the price of shipping does.
      if (off !== null && (off.minor > 0 || benefit !== null)) return off;
      if (reads === READS) return null;
      await this.#wait(PAUSE_MS);
    }
  }

  async remove({code, cart_attribute: attribute}: Redemption): Promise<void> {
    // An empty value takes an attribute off.
    if (attribute !== null) await this.#post({attributes: {[attribute.key]: ''}});
    if (code === null) return;
    const codes = codesOn(await readCart(this.#page));
    const others = codes.filter((each) => !sameCode(each, code));
    if (others.length < codes.length) await this.#write(others);
  }

  async #write(codes: string[]): Promise<boolean> {
    const actions = this.#page.actions();
    if (actions?.updateCart !== undefined) {
      try {
        return !(await actions.updateCart({discountCodes: codes})).userErrors?.length;
      } catch {
        // It could not run. The same whole list can be written the other way, and even twice.
      }
    }
    this.behind = true;
    return this.#post({discount: codes.join(',')});
  }

  async #post(change: object): Promise<boolean> {
    const response = await this.#page.fetch(`${this.#page.root}cart/update.js`, {
      method: 'POST',
      headers: {'Content-Type': 'application/json', Accept: 'application/json'},
      body: JSON.stringify(change),
    });
    return response.ok;
  }
}
