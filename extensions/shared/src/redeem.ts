/**
 * The redeem flow, the same on every surface: quote, hold, apply, verify that money came off; else release.
 *
 * `step` decides, in stages.ts. `Flow` does it, through the proxy and through a `Host`, which is all that a surface has
 * to bring. Nothing that a surface's code throws leaves a flow half-way.
 */
import type {Answer, Cart, Redeemer, Redemption, Wish} from './client';
import type {Money} from './money';
import {alike, busy, open, step, usable, used, type Act, type Because, type Event, type Stage, type Tap} from './stages';

export {busy, step, type Act, type Because, type Event, type Stage, type Tap} from './stages';

/** What a surface can do with its cart. A method that throws counts as refused. */
export interface Host {
  /** Why the cart cannot be changed now, as a refusal's code: `wallet`, `not_editable`, `offline`; null if it can. */
  closed(): string | null;
  /** The cart for a quote; null where the surface does not know its lines, and then none is asked for. */
  cart(): Cart | null;
  /** The token of the cart or checkout: on the same one a new amount replaces the old. */
  scope(): string | null;
  /** Puts the code, or the attribute, on the cart; false where the platform refused it. */
  apply(redemption: Redemption): Promise<boolean>;
  /** Waits until the platform has counted, and gives what came off by this redemption; null if it did nothing. */
  verify(redemption: Redemption): Promise<Money | null>;
  /** Takes it off the cart; other codes stay. */
  remove(redemption: Redemption): Promise<void>;
}

/**
 * The tap whose answer has not come yet, kept so that a reload asks again instead of twice.
 *
 * One store is of one customer on one cart: a key says what was wished, not for whom.
 */
export interface KeyStore {
  read(): Promise<Tap | null>;
  write(tap: Tap | null): Promise<void>;
}

export interface Tools {
  readonly redeemer: Redeemer;
  readonly host: Host;
  readonly keys: KeyStore;
  readonly newKey: () => string;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly changed: (stage: Stage) => void;
}

const PENDING = new Set(['in_flight', 'outcome_pending']);
const ASKS = 4;
const MOST_WAIT_S = 5;
const ASK_AGAIN_MS = 60_000;
const LOST: Answer<Redemption> = {
  ok: false,
  refusal: {code: 'unreadable', facts: {}, retryable: true, retryAfterS: null, unknown: true},
};

export class Flow {
  #stage: Stage = {at: 'idle'};
  #round = 0;
  /** What the store keeps too, should it have failed. */
  #open: Tap | null = null;
  #good = {id: '', until: 0};
  readonly #tools: Tools;

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** A tap on "apply". The key of a wish whose outcome is open is used again for the same wish. */
  async redeem(wish: Wish): Promise<void> {
    const {host, newKey} = this.#tools;
    if (busy(this.#stage)) return;
    const closed = safely(() => host.closed(), 'not_editable');
    if (closed === null) return this.#on({is: 'tapped', wish, key: newKey()});
    // What is applied stays in sight: it is still on the cart.
    if (this.#stage.at === 'applied') return;
    const refusal = {code: closed, facts: {}, retryable: true, retryAfterS: null, unknown: false};
    this.#enter({at: 'refused', wish, refusal, again: null});
  }

  /** A tap on "remove", or the code has gone from the cart. */
  remove(because: Because = 'removed'): Promise<void> {
    return this.#on({is: 'removed', because});
  }

  /** An open redemption that is on the cart already, as after a reload. */
  found(redemption: Redemption, off: Money | null): Promise<void> {
    return this.#known({is: 'found', redemption, off});
  }

  /** An open redemption that is not on the cart, because its answer came and then the page went: it is put there. */
  resume(redemption: Redemption): Promise<void> {
    return this.#known({is: 'resumed', redemption});
  }

  /** Called as time goes by: what has ended is said, and applied again only at a tap, with a new key. */
  async tick(): Promise<void> {
    const stage = this.#stage;
    const now = this.#tools.now();
    if (stage.at !== 'applied' || Date.parse(stage.redemption.expires_at) > now) return;
    const {id} = stage.redemption;
    if (this.#good.id === id && now < this.#good.until) return;
    // This clock may be ahead: what the proxy says is still good stays.
    const answer = await quietly(() => this.#tools.redeemer.read(id), LOST);
    if (this.#stage !== stage) return;
    if (answer.ok && usable(answer.value)) {
      this.#good = {id, until: now + ASK_AGAIN_MS};
      return;
    }
    return this.#on({is: 'over', used: answer.ok && used(answer.value)});
  }

  /** Whoever is told of what comes later is gone, or it is about somebody else; nothing more is written. */
  forget(): void {
    this.#round += 1;
    this.#open = null;
    this.#stage = {at: 'idle'};
  }

  #enter(stage: Stage): void {
    this.#stage = stage;
    safely(() => this.#tools.changed(stage), undefined);
  }

  /** What a lost answer said is known now: its key is done with. */
  async #known(event: Event): Promise<void> {
    if (busy(this.#stage)) return;
    this.#open = null;
    const done = this.#on(event);
    await quietly(() => this.#tools.keys.write(null), undefined);
    return done;
  }

  #on(event: Event): Promise<void> {
    const [stage, act] = step(this.#stage, event);
    return stage === this.#stage ? Promise.resolve() : this.#run(stage, act);
  }

  async #run(first: Stage, firstAct: Act): Promise<void> {
    const round = this.#round;
    let stage = first;
    let act = firstAct;
    this.#enter(stage);
    while (act !== null) {
      const event = await this.#do(act, stage, round);
      if (round !== this.#round) return this.#abandoned(stage, event);
      if (event === null) return;
      [stage, act] = step(stage, event);
      this.#enter(stage);
    }
  }

  /** What was held for somebody who is gone is given free; nobody is told. */
  async #abandoned(stage: Stage, event: Event | null): Promise<void> {
    const held = event?.is === 'held' && event.answer.ok ? event.answer.value : null;
    const redemption = held ?? ('redemption' in stage ? stage.redemption : null);
    if (redemption === null || stage.at === 'releasing' || stage.at === 'expired') return;
    await this.#giveBack(redemption);
  }

  async #do(act: Exclude<Act, null>, stage: Stage, round: number): Promise<Event | null> {
    const {host} = this.#tools;
    if ('key' in stage) {
      return act === 'hold' ? {is: 'held', answer: await this.#hold(stage, round)} : this.#quote(stage.wish);
    }
    if (!('redemption' in stage)) return null;
    const {redemption} = stage;
    switch (act) {
      case 'apply':
        return {is: 'put', done: await quietly(() => host.apply(redemption), false)};
      case 'verify':
        return {is: 'verified', off: await quietly(() => host.verify(redemption), null)};
      case 'release':
        return this.#giveBack(redemption);
      default:
        // Released too: where nobody answered, it is this clock alone that says that its time is over.
        await this.#giveBack(redemption);
        return null;
    }
  }

  async #giveBack(redemption: Redemption): Promise<Event> {
    const {redeemer, host} = this.#tools;
    await quietly(() => host.remove(redemption), undefined);
    const answer = await quietly(() => redeemer.release(redemption.id), LOST);
    return {is: 'freed', done: answer.ok, used: answer.ok && used(answer.value)};
  }

  async #quote(wish: Wish): Promise<Event> {
    const {redeemer, host, keys} = this.#tools;
    const kept = this.#open ?? (await quietly(() => keys.read(), null));
    // Not asked about: what it may hold by now would speak against it.
    if (kept !== null && alike(kept.wish, wish)) return {is: 'quoted', answer: null, asked: kept.key};
    const cart = safely(() => host.cart(), null);
    const answer = cart === null ? null : await quietly(() => redeemer.quote(question(wish), cart), null);
    return {is: 'quoted', answer};
  }

  async #hold({wish, key}: Tap, round: number): Promise<Answer<Redemption>> {
    const {keys, wait} = this.#tools;
    const tap = {wish, key};
    await quietly(() => keys.write(tap), undefined);
    if (round !== this.#round) return LOST;
    this.#open = tap;
    let answer = await this.#ask(tap);
    for (let asked = 1; asked < ASKS && !answer.ok && PENDING.has(answer.refusal.code); asked += 1) {
      await wait(Math.min(answer.refusal.retryAfterS ?? 1, MOST_WAIT_S) * 1000);
      answer = await this.#ask(tap);
    }
    // What is still open is asked for by the same key, even after a reload.
    if (open(answer)) return answer;
    if (round === this.#round) this.#open = null;
    await quietly(() => keys.write(null), undefined);
    return answer;
  }

  #ask({wish, key}: Tap): Promise<Answer<Redemption>> {
    const {redeemer, host} = this.#tools;
    const cart = safely(() => host.scope(), null);
    return quietly(() => redeemer.redeem(wish, cart, key), LOST);
  }
}

/** A surface's fault must not end the flow: it counts as what is given `instead`. */
async function quietly<T>(work: () => Promise<T>, instead: T): Promise<T> {
  try {
    return await work();
  } catch {
    return instead;
  }
}

function safely<T>(work: () => T, instead: T): T {
  try {
    return work();
  } catch {
    return instead;
  }
}

function question(wish: Wish): Parameters<Redeemer['quote']>[0] {
  const taken = wish.take_over === undefined ? {} : {take_over: wish.take_over};
  return 'amount' in wish ? {amount: wish.amount, ...taken} : {benefits: [wish.benefit], ...taken};
}
