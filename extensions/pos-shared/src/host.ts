/** The redeem flow's host at a till: codes are the rail, a property is the second link, the cart itself is believed. */
import type {Cart as CartIn, Redemption} from '../../shared/src/client';
import type {Money} from '../../shared/src/money';
import type {Host} from '../../shared/src/redeem';
import {
  attributeOf, before, cameOff, every, has, isOf, listed, named, quoted, type Before, type Placed,
} from './cart';
import {writeOnCart} from './on_cart';
import {settled} from './settle';
import {customerOn, editable, online, type Till} from './till';

const SETTLE_MS = 3_000;

export class TillHost implements Host {
  readonly #till: Till;
  readonly #customer: string;
  readonly #scope: () => string | null;
  readonly #ours = new Map<string, Placed>();
  readonly #before = new Map<string, Before>();
  readonly #seen = new Set<string>();

  constructor(till: Till, customer: string, scope: () => string | null, left: readonly Placed[] = []) {
    this.#till = till;
    this.#customer = customer;
    this.#scope = scope;
    left.forEach((each) => this.#ours.set(each.id, each));
  }

  closed(): string | null {
    if (!online(this.#till)) return 'offline';
    return editable(this.#cart) ? null : 'not_editable';
  }

  cart(): CartIn | null {
    return {...quoted(this.#cart, this.#currency), token: this.#scope()};
  }

  scope(): string | null {
    return this.#scope();
  }

  /** What is found on the cart when a modal opens. */
  async adopt(redemption: Redemption): Promise<Money | null> {
    await this.#remember(redemption);
    return listed(this.#cart, redemption, this.#currency);
  }

  /** Whether the code was on the cart and is no more: somebody took it off by hand. */
  lost(redemption: Placed): boolean {
    if (redemption.code === null) return false;
    if (named(this.#cart, redemption)) this.#seen.add(redemption.id);
    return this.#seen.has(redemption.id) && !named(this.#cart, redemption);
  }

  async apply(redemption: Redemption): Promise<boolean> {
    // It is that customer's, whoever is on the cart by now.
    if (customerOn(this.#cart) !== this.#customer || !editable(this.#cart)) return false;
    this.#before.set(redemption.id, before(this.#cart, this.#currency));
    // Kept first: a device that dies now has to know what it put on.
    await this.#remember(redemption);
    const linked = await this.#link(redemption);
    if (redemption.code === null) return linked;
    try {
      await this.#till.cart.addCartCodeDiscount(redemption.code);
      return true;
    } catch {
      // A call that was refused may have been heard all the same.
      return (await this.verify(redemption)) !== null;
    }
  }

  async verify(redemption: Redemption): Promise<Money | null> {
    const was = this.#before.get(redemption.id);
    if (redemption.code === null || was === undefined) return null;
    const off = await settled(
      this.#till.cart.current,
      (cart) => cameOff(cart, was, redemption, this.#currency),
      SETTLE_MS,
    );
    if (off !== null && named(this.#cart, redemption)) this.#seen.add(redemption.id);
    return off;
  }

  /**
   * Tills cannot take one code off. All are taken off only where all are ours, and those that stay are put back;
   * beside anybody else's discount the code is left, and dies when the proxy has released it.
   */
  async remove(redemption: Placed): Promise<void> {
    this.#ours.set(redemption.id, redemption);
    const alone = this.#onlyOurs();
    this.#ours.delete(redemption.id);
    this.#seen.delete(redemption.id);
    await writeOnCart(this.#till, {customer: this.#customer, redemptions: [...this.#ours.values()]});
    if (!editable(this.#cart)) return;
    const {cart} = this.#till;
    const listedNow = named(this.#cart, redemption);
    if (has(this.#cart, redemption)) await cart.removeCartProperties([attributeOf(redemption).key]);
    if (!listedNow || !alone) return;
    const staying = [...this.#ours.values()].flatMap(({code}) => (code === null ? [] : [code]));
    await cart.removeAllDiscounts(false);
    for (const code of staying) await cart.addCartCodeDiscount(code);
  }

  get #cart() {
    return this.#till.cart.current.value;
  }

  get #currency(): string {
    return this.#till.session.currentSession.currency;
  }

  #onlyOurs(): boolean {
    const ours = [...this.#ours.values()];
    return every(this.#cart).every((discount) => ours.some((each) => isOf(discount, each)));
  }

  async #remember({id, code, cart_attribute}: Placed): Promise<void> {
    this.#ours.set(id, {id, code, cart_attribute});
    await writeOnCart(this.#till, {customer: this.#customer, redemptions: [...this.#ours.values()]});
  }

  async #link(redemption: Placed): Promise<boolean> {
    const {key, value} = attributeOf(redemption);
    try {
      await this.#till.cart.addCartProperties({[key]: value});
    } catch {
      return has(this.#cart, redemption);
    }
    if (redemption.code !== null) return true;
    const there = await settled(this.#till.cart.current, (cart) => (cart.properties[key] === value ? true : null), SETTLE_MS);
    return there ?? false;
  }
}
