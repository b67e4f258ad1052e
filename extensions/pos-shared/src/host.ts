/** The redeem flow's host at a till: codes are the rail, a property is the second link, the cart itself is believed. */
import type {Cart as PosCart} from '@shopify/ui-extensions/point-of-sale';
import type {Cart as CartIn, Redemption} from '../../shared/src/client';
import type {Money} from '../../shared/src/money';
import type {Host} from '../../shared/src/redeem';
import {attributeOf, before, cameOff, every, has, isOf, listed, named, quoted, type Before, type Placed} from './cart';
import {writeOnCart} from './on_cart';
import {quietly} from './quietly';
import {settled} from './settle';
import {customerOn, editable, online, type Till} from './till';

const SETTLE_MS = 3_000;

export class TillHost implements Host {
  private readonly ours: Map<string, Placed>;
  private readonly was = new Map<string, Before>();
  private readonly seen = new Set<string>();

  constructor(
    private readonly till: Till,
    private readonly customer: string,
    readonly scope: () => string | null,
    left: readonly Placed[] = [],
  ) {
    this.ours = new Map(left.map((each) => [each.id, each]));
  }

  closed(): string | null {
    if (!online(this.till)) return 'offline';
    return editable(this.now) ? null : 'not_editable';
  }

  cart(): CartIn | null {
    return {...quoted(this.now, this.currency), token: this.scope()};
  }

  /** What is found on the cart when a modal opens. */
  async adopt(redemption: Redemption): Promise<Money | null> {
    await this.remember(redemption);
    return listed(this.now, redemption, this.currency);
  }

  /** Whether the code was on the cart and is no more: somebody took it off by hand. */
  lost(redemption: Placed): boolean {
    if (redemption.code === null) return false;
    if (named(this.now, redemption)) this.seen.add(redemption.id);
    return this.seen.has(redemption.id) && !named(this.now, redemption);
  }

  async apply(redemption: Redemption): Promise<boolean> {
    // It is that customer's, whoever is on the cart by now.
    if (customerOn(this.now) !== this.customer || !editable(this.now)) return false;
    this.was.set(redemption.id, before(this.now, this.currency));
    // Kept first: a device that dies now has to know what it put on.
    await this.remember(redemption);
    const linked = await this.link(redemption);
    if (redemption.code === null) return linked;
    const {code} = redemption;
    const taken = await quietly(() => this.till.cart.addCartCodeDiscount(code).then(() => true), false);
    // A call that was refused may have been heard all the same.
    return taken || (await this.verify(redemption)) !== null;
  }

  async verify(redemption: Redemption): Promise<Money | null> {
    const was = this.was.get(redemption.id);
    if (redemption.code === null || was === undefined) return null;
    const off = await settled(
      this.till.cart.current,
      (cart) => cameOff(cart, was, redemption, this.currency),
      SETTLE_MS,
    );
    if (off !== null && named(this.now, redemption)) this.seen.add(redemption.id);
    return off;
  }

  /**
   * Tills cannot take one code off. All are taken off only where all are ours, and those that stay are put back;
   * beside anybody else's discount the code is left, and dies when the proxy has released it.
   */
  async remove(redemption: Placed): Promise<void> {
    this.ours.set(redemption.id, redemption);
    const alone = this.onlyOurs();
    this.ours.delete(redemption.id);
    this.seen.delete(redemption.id);
    await this.keep();
    if (!editable(this.now)) return;
    const {cart} = this.till;
    const listedNow = named(this.now, redemption);
    if (has(this.now, redemption)) await quietly(() => cart.removeCartProperties([attributeOf(redemption).key]), null);
    if (!listedNow || !alone) return;
    const staying = [...this.ours.values()].flatMap(({code}) => (code === null ? [] : [code]));
    await cart.removeAllDiscounts(false);
    // One that is not taken back is seen to be lost, and released.
    for (const code of staying) await quietly(() => cart.addCartCodeDiscount(code), null);
  }

  private get now(): PosCart {
    return this.till.cart.current.value;
  }

  private get currency(): string {
    return this.till.session.currentSession.currency;
  }

  private onlyOurs(): boolean {
    const ours = [...this.ours.values()];
    return every(this.now).every((discount) => ours.some((each) => isOf(discount, each)));
  }

  private async remember({id, code, cart_attribute}: Placed): Promise<void> {
    this.ours.set(id, {id, code, cart_attribute});
    await this.keep();
  }

  private keep(): Promise<void> {
    return writeOnCart(this.till, {customer: this.customer, redemptions: [...this.ours.values()]});
  }

  private async link(redemption: Placed): Promise<boolean> {
    const {key, value} = attributeOf(redemption);
    await quietly(() => this.till.cart.addCartProperties({[key]: value}), null);
    if (redemption.code !== null) return true;
    const there = await settled(
      this.till.cart.current,
      (cart) => (cart.properties[key] === value ? true : null),
      SETTLE_MS,
    );
    return there ?? false;
  }
}
