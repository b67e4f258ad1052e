/** What a page knows of the shopper's rewards, and what it does with them; one for all blocks on it. */
import {customerClient} from '../../shared/src/client';
import type {Benefit, CustomerClient, Redemption, Rewards, Wish} from '../../shared/src/client';
import {PROXY_URL} from '../../shared/src/config';
import {keyStore} from '../../shared/src/keys';
import {findOpen} from '../../shared/src/open';
import {busy, Flow, type Stage} from '../../shared/src/redeem';
import {told} from '../../shared/src/refusals';
import {carried, readCart, takenOff, tokenOf, type AjaxCart} from './cart';
import {StorefrontHost} from './host';
import {inTab, type Page} from './page';
import {TransientToken} from './token';

/** What has a flow of its own: the amount, or a benefit by its id. */
export type Thing = 'amount' | `benefit-${number}`;

/** Without one, nothing was done yet. */
export type Stages = {readonly [thing in Thing]?: Stage};

export interface Known {
  /** `down`: there was no answer, and there is none from before. */
  readonly at: 'loading' | 'guest' | 'down' | 'here';
  readonly rewards: Rewards | null;
  readonly benefits: readonly Benefit[];
  readonly cart: AjaxCart | null;
  readonly stages: Stages;
}

const TICK_MS = 15_000;
const STEADY_MS = 1_000;
const EVENTS = ['shopify:cart:lines-update', 'shopify:cart:discount-update'];
const NOBODY = new Set(['login_required', 'no_permission', 'unauthenticated']);

export class Session {
  known: Known = {at: 'loading', rewards: null, benefits: [], cart: null, stages: {}};
  readonly told = told;
  readonly #page: Page;
  readonly #token: TransientToken;
  readonly #client: CustomerClient;
  readonly #host: StorefrontHost;
  readonly #flows = new Map<Thing, Flow>();
  readonly #seen = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(page: Page, tokenPath: string) {
    this.#page = page;
    const token = new TransientToken(page, tokenPath);
    this.#token = token;
    this.#client = customerClient({
      url: PROXY_URL,
      token: () => token.now(),
      fetch: async (...request) => {
        const response = await page.fetch(...request);
        if (response.status === 401) token.refused();
        return response;
      },
    });
    this.#host = new StorefrontHost(page, () => this.known.cart, wait);
  }

  /** The first block that joins starts it; the theme editor takes blocks out and puts them back. */
  join(seen: () => void): void {
    this.#seen.add(seen);
    if (this.#seen.size > 1) return seen();
    for (const name of EVENTS) document.addEventListener(name, this.#cartMoves);
    addEventListener('pageshow', this.#comesBack);
    this.#timer = setInterval(() => this.#flows.forEach((flow) => void flow.tick()), TICK_MS);
    void this.#read();
  }

  leave(seen: () => void): void {
    this.#seen.delete(seen);
    if (this.#seen.size > 0) return;
    for (const name of EVENTS) document.removeEventListener(name, this.#cartMoves);
    removeEventListener('pageshow', this.#comesBack);
    clearInterval(this.#timer);
  }

  /** One at a time: each writes the whole list of the cart's codes, and two at once would drop one of them. */
  async redeem(wish: Wish): Promise<void> {
    if (!this.#busy) await this.#flow('benefit' in wish ? `benefit-${wish.benefit.id}` : 'amount').redeem(wish);
  }

  async resume(redemption: Redemption): Promise<void> {
    if (!this.#busy) await this.#flow(thingOf(redemption)).resume(redemption);
  }

  async remove(thing: Thing): Promise<void> {
    if (!this.#busy) await this.#flow(thing).remove();
  }

  get #busy(): boolean {
    return [...this.#flows.values()].some(({stage}) => busy(stage));
  }

  async #read(): Promise<void> {
    try {
      await this.#ask();
    } catch {
      // An answer that is not what this release knows: a proxy and a theme are not released at once.
      this.#knows({at: 'down', rewards: null});
    }
  }

  /** What was known stays if there is no answer. */
  async #ask(): Promise<void> {
    const [answer, more, cart] = await Promise.all([this.#client.rewards(), this.#client.benefits(), this.#readCart()]);
    const benefits = more.ok ? more.value.benefits : this.known.benefits;
    const kept = this.known.rewards;
    if (answer.ok) this.#knows({at: 'here', rewards: answer.value, benefits, cart});
    else if (NOBODY.has(answer.refusal.code)) this.#knows({at: 'guest', rewards: null, benefits: [], cart});
    else this.#knows({at: kept === null ? 'down' : 'here', benefits, cart});
    await this.#find();
  }

  #readCart(): Promise<AjaxCart | null> {
    return readCart(this.#page).catch(() => null);
  }

  /** What is open and on the cart, as after a reload. */
  async #find(): Promise<void> {
    const {rewards, cart, stages} = this.known;
    if (rewards === null || cart === null) return;
    const {applied} = findOpen(rewards.redemptions, carried(cart));
    const unseen = applied.filter((redemption) => stages[thingOf(redemption)]?.at !== 'applied');
    await Promise.all(unseen.map((redemption) => this.#applied(redemption, cart)));
  }

  async #applied(redemption: Redemption, cart: AjaxCart): Promise<void> {
    const off = redemption.code === null ? null : takenOff(cart, redemption.code);
    await this.#flow(thingOf(redemption)).found(redemption, off);
  }

  /** The event comes when the change is asked for; its promise ends when the cart has changed. */
  readonly #cartMoves = (event: Event): void => {
    const done: unknown = (event as Event & {promise?: unknown}).promise;
    void Promise.resolve(done).then(
      () => this.#cartMoved(),
      () => undefined,
    );
  };

  /** A page that the browser kept: meanwhile the cart may have been paid for, and somebody else have signed in. */
  readonly #comesBack = (event: PageTransitionEvent): void => {
    if (!event.persisted) return;
    this.#token.refused();
    // What is under way reads at its end.
    if (this.#busy) return;
    this.#flows.clear();
    this.#knows({at: 'loading', rewards: null, benefits: [], cart: null, stages: {}});
    void this.#read();
  };

  async #cartMoved(): Promise<void> {
    let cart = await this.#readCart();
    // What was written a moment ago may not be seen yet: what is gone is gone only when it is looked for again.
    if (cart !== null && this.#gone(cart).length > 0) {
      await wait(STEADY_MS);
      cart = await this.#readCart();
    }
    if (cart === null) return;
    this.#knows({cart});
    // Taken off elsewhere on the page: the value is given free at once.
    for (const flow of this.#gone(cart)) await flow.remove();
    for (const {stage} of this.#flows.values()) if (stage.at === 'applied') await this.#applied(stage.redemption, cart);
    await this.#find();
  }

  #gone(cart: AjaxCart): Flow[] {
    return [...this.#flows.values()].filter(({stage}) => {
      return stage.at === 'applied' && findOpen([stage.redemption], carried(cart)).applied.length === 0;
    });
  }

  #flow(thing: Thing): Flow {
    const there = this.#flows.get(thing);
    if (there !== undefined) return there;
    const flow = new Flow({
      redeemer: this.#client,
      host: this.#host,
      keys: this.#keys(thing),
      newKey: () => crypto.randomUUID(),
      now: () => Date.now(),
      wait,
      changed: (stage) => this.#entered(thing, stage),
    });
    this.#flows.set(thing, flow);
    return flow;
  }

  /** For this tab and cart. Whose it is the page does not know: the proxy keeps the keys of each customer apart. */
  #keys(thing: Thing): ReturnType<typeof keyStore> {
    const {cart} = this.known;
    return keyStore(inTab(this.#page), `rewards:${cart === null ? '' : tokenOf(cart)}:${thing}`, () => Date.now());
  }

  #entered(thing: Thing, stage: Stage): void {
    const was = this.known.stages[thing];
    this.#knows({stages: {...this.known.stages, [thing]: stage}});
    if (busy(stage)) return;
    if (this.#host.behind && moved(stage)) this.#page.reload();
    else if (was !== undefined && busy(was)) void this.#read();
  }

  #knows(news: Partial<Known>): void {
    this.known = {...this.known, ...news};
    for (const seen of this.#seen) seen();
  }
}

export function thingOf({benefit}: Redemption): Thing {
  return benefit === null ? 'amount' : `benefit-${benefit.id}`;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whether the page shows another total than the cart has; what was put on and taken off at once it never showed. */
function moved(stage: Stage): boolean {
  return stage.at === 'applied' || (stage.at === 'released' && ['removed', 'used'].includes(stage.because));
}
