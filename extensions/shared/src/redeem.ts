/**
 * The redeem flow, the same on every surface: quote, hold, apply, verify that money came off; else release.
 *
 * `step` is pure: a stage and an event give the next stage and what has to be done. `Flow` does it, through the proxy
 * and through a `Host`, which is all that a surface has to bring.
 */
import type {Answer, Cart, Quote, Redeemer, Redemption, Refusal, Wish} from './client';
import type {Money} from './money';

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

/** The key of the last tap, kept until an answer came, so that a reload asks again instead of twice. */
export interface KeyStore {
  read(): Promise<Tap | null>;
  write(tap: Tap | null): Promise<void>;
}

export interface Tap {
  readonly wish: Wish;
  readonly key: string;
}

/** Why something went off the cart again. */
export type Because = 'host_refused' | 'nothing_came_off' | 'removed' | 'customer_changed';

export type Stage =
  | {readonly at: 'idle'}
  | ({readonly at: 'quoting' | 'holding'} & Tap)
  | {readonly at: 'applying' | 'verifying'; readonly wish: Wish; readonly redemption: Redemption}
  | {readonly at: 'applied'; readonly redemption: Redemption; readonly off: Money | null}
  | {readonly at: 'releasing'; readonly redemption: Redemption; readonly because: Because}
  /** `again` is the tap whose answer never came: the same key has to ask. */
  | {readonly at: 'refused'; readonly wish: Wish; readonly refusal: Refusal; readonly again: Tap | null}
  /** Off the cart; `freed` false: the proxy did not answer, and frees it when its time is over. */
  | {readonly at: 'released'; readonly redemption: Redemption; readonly because: Because; readonly freed: boolean}
  | {readonly at: 'expired'; readonly redemption: Redemption};

export type Event =
  | ({readonly is: 'tapped'} & Tap)
  | {readonly is: 'quoted'; readonly answer: Answer<Quote> | null}
  | {readonly is: 'held'; readonly answer: Answer<Redemption>}
  | {readonly is: 'put'; readonly done: boolean}
  | {readonly is: 'verified'; readonly off: Money | null}
  | {readonly is: 'freed'; readonly done: boolean}
  | {readonly is: 'found'; readonly redemption: Redemption; readonly off: Money | null}
  | {readonly is: 'removed'; readonly because: Because}
  | {readonly is: 'over'};

export type Act = 'quote' | 'hold' | 'apply' | 'verify' | 'release' | 'take_off' | null;

export function step(stage: Stage, event: Event): [Stage, Act] {
  switch (event.is) {
    case 'tapped':
      // A second tap while something is under way is the first one.
      return busy(stage) ? [stage, null] : [{at: 'quoting', wish: event.wish, key: event.key}, 'quote'];
    case 'quoted':
      return stage.at === 'quoting' ? quoted(stage, event.answer) : [stage, null];
    case 'held':
      return stage.at === 'holding' ? held(stage, event.answer) : [stage, null];
    case 'put':
      if (stage.at !== 'applying') return [stage, null];
      return event.done ? [{...stage, at: 'verifying'}, 'verify'] : releasing(stage.redemption, 'host_refused');
    case 'verified':
      if (stage.at !== 'verifying') return [stage, null];
      if (event.off === null && moves(stage.redemption)) return releasing(stage.redemption, 'nothing_came_off');
      return [{at: 'applied', redemption: stage.redemption, off: event.off}, null];
    case 'freed':
      return stage.at === 'releasing' ? [{...stage, at: 'released', freed: event.done}, null] : [stage, null];
    case 'found':
      return busy(stage) ? [stage, null] : [{at: 'applied', redemption: event.redemption, off: event.off}, null];
    case 'removed':
      return stage.at === 'applied' ? releasing(stage.redemption, event.because) : [stage, null];
    case 'over':
      return stage.at === 'applied' ? [{at: 'expired', redemption: stage.redemption}, 'take_off'] : [stage, null];
  }
}

export function busy({at}: Stage): boolean {
  return at === 'quoting' || at === 'holding' || at === 'applying' || at === 'verifying' || at === 'releasing';
}

/** Whether money has to come off by it; what is handed over at the till takes none off. */
function moves(redemption: Redemption): boolean {
  return redemption.benefit === null || redemption.code !== null;
}

function quoted(stage: {at: 'quoting' | 'holding'} & Tap, answer: Answer<Quote> | null): [Stage, Act] {
  const {wish, key} = stage;
  const kind = 'amount' in wish ? 'amount' : 'benefit';
  const verdict = answer?.ok ? answer.value.verdicts.find((each) => each.of === kind && !each.allowed) : undefined;
  if (verdict?.code) {
    const refusal = {code: verdict.code, facts: verdict.facts, retryable: false, retryAfterS: null, unknown: false};
    return [{at: 'refused', wish, refusal, again: null}, null];
  }
  // Without a quote the redemption itself says what is wrong.
  return [{at: 'holding', wish, key}, 'hold'];
}

function held(stage: {at: 'quoting' | 'holding'} & Tap, answer: Answer<Redemption>): [Stage, Act] {
  const {wish, key} = stage;
  if (!answer.ok) {
    const again = answer.refusal.unknown || answer.refusal.retryable ? {wish, key} : null;
    return [{at: 'refused', wish, refusal: answer.refusal, again}, null];
  }
  const redemption = answer.value;
  // A repeated key answers what became of it, and that may be over by now.
  if (redemption.code === null && redemption.cart_attribute === null) return [{at: 'expired', redemption}, null];
  return [{at: 'applying', wish, redemption}, 'apply'];
}

function releasing(redemption: Redemption, because: Because): [Stage, Act] {
  return [{at: 'releasing', redemption, because}, 'release'];
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

export class Flow {
  #stage: Stage = {at: 'idle'};
  #round = 0;
  readonly #tools: Tools;

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** A tap on "apply". The key of a tap whose answer never came is used again for the same wish. */
  async redeem(wish: Wish): Promise<void> {
    if (busy(this.#stage)) return;
    const round = this.#round;
    const closed = this.#tools.host.closed();
    if (closed !== null) {
      const refusal = {code: closed, facts: {}, retryable: true, retryAfterS: null, unknown: false};
      return this.#enter({at: 'refused', wish, refusal, again: null});
    }
    const earlier = this.#stage.at === 'refused' ? this.#stage.again : null;
    // Entered before anything is awaited: a second tap finds it busy.
    this.#enter({at: 'quoting', wish, key: ''});
    const kept = earlier ?? (await this.#kept());
    if (round !== this.#round) return;
    const key = kept !== null && alike(kept.wish, wish) ? kept.key : this.#tools.newKey();
    await this.#run({at: 'quoting', wish, key}, 'quote');
  }

  /** A tap on "remove", or the code has gone from the cart. */
  remove(because: Because = 'removed'): Promise<void> {
    return this.#on({is: 'removed', because});
  }

  /** An open redemption that is on the cart already, as after a reload. */
  found(redemption: Redemption, off: Money | null): Promise<void> {
    return this.#on({is: 'found', redemption, off});
  }

  /** Called as time goes by: what has ended is said, and applied again only at a tap, with a new key. */
  tick(): Promise<void> {
    const over = this.#stage.at === 'applied' && Date.parse(this.#stage.redemption.expires_at) <= this.#tools.now();
    return over ? this.#on({is: 'over'}) : Promise.resolve();
  }

  /** Whoever is told of what comes later is gone, or it is about somebody else; nothing more is written. */
  forget(): void {
    this.#round += 1;
    this.#stage = {at: 'idle'};
  }

  #enter(stage: Stage): void {
    this.#stage = stage;
    this.#tools.changed(stage);
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
      const event = await this.#do(act, stage);
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
    if (redemption === null || stage.at === 'releasing') return;
    await quietly(() => this.#tools.host.remove(redemption));
    await this.#tools.redeemer.release(redemption.id);
  }

  async #do(act: Exclude<Act, null>, stage: Stage): Promise<Event | null> {
    const {redeemer, host} = this.#tools;
    if ('key' in stage) {
      if (act === 'hold') return {is: 'held', answer: await this.#hold(stage)};
      const cart = host.cart();
      return {is: 'quoted', answer: cart === null ? null : await redeemer.quote(question(stage.wish), cart)};
    }
    if (!('redemption' in stage)) return null;
    const {redemption} = stage;
    switch (act) {
      case 'apply':
        return {is: 'put', done: (await quietly(() => host.apply(redemption))) ?? false};
      case 'verify':
        return {is: 'verified', off: (await quietly(() => host.verify(redemption))) ?? null};
      case 'release':
        await quietly(() => host.remove(redemption));
        return {is: 'freed', done: (await redeemer.release(redemption.id)).ok};
      default:
        await quietly(() => host.remove(redemption));
        return null;
    }
  }

  async #hold(tap: Tap): Promise<Answer<Redemption>> {
    const {redeemer, host, keys, wait} = this.#tools;
    const {wish, key} = tap;
    await quietly(() => keys.write({wish, key}));
    let answer = await redeemer.redeem(wish, host.scope(), key);
    for (let asked = 1; asked < ASKS && !answer.ok && PENDING.has(answer.refusal.code); asked += 1) {
      await wait((answer.refusal.retryAfterS ?? 1) * 1000);
      answer = await redeemer.redeem(wish, host.scope(), key);
    }
    // What may have been done is asked for by the same key, even after a reload.
    if (answer.ok || !answer.refusal.unknown) await quietly(() => keys.write(null));
    return answer;
  }

  async #kept(): Promise<Tap | null> {
    return (await quietly(() => this.#tools.keys.read())) ?? null;
  }
}

/** A host's fault must not end the flow: what was not done is what `undefined` says. */
async function quietly<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}

function question(wish: Wish): {amount?: Extract<Wish, {amount: unknown}>['amount']; benefits?: Extract<Wish, {benefit: unknown}>['benefit'][]; take_over?: boolean} {
  const taken = wish.take_over === undefined ? {} : {take_over: wish.take_over};
  return 'amount' in wish ? {amount: wish.amount, ...taken} : {benefits: [wish.benefit], ...taken};
}

function alike(one: Wish, other: Wish): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .map(([name, each]) => [name, sorted(each)])
    .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1));
}
