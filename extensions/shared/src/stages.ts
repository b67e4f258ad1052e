/** The redeem flow as a pure machine: a stage and an event give the next stage, and what has to be done. */
import type {Answer, Quote, Redemption, Refusal, Wish} from './client';
import type {Money} from './money';

/** A wish and the key that was made at the tap for it. */
export interface Tap {
  readonly wish: Wish;
  readonly key: string;
}

/** Why something went off the cart again; `used`: an order was paid with it meanwhile, so nothing is free. */
export type Because = 'host_refused' | 'nothing_came_off' | 'removed' | 'customer_changed' | 'used';

/** What one flow is at. It carries one redemption: a surface that has several on a cart has a flow for each. */
export type Stage =
  | {readonly at: 'idle'}
  | ({readonly at: 'quoting' | 'holding'} & Tap)
  | {readonly at: 'applying' | 'verifying'; readonly wish: Wish; readonly redemption: Redemption}
  | {readonly at: 'applied'; readonly redemption: Redemption; readonly off: Money | null}
  /** `next`: it makes room for another amount. */
  | {readonly at: 'releasing'; readonly redemption: Redemption; readonly because: Because; readonly next?: Tap}
  /** `again` is the tap whose outcome is still open: the same key has to ask. */
  | {readonly at: 'refused'; readonly wish: Wish; readonly refusal: Refusal; readonly again: Tap | null}
  /** Off the cart; `freed` false: the proxy did not answer, and frees it when its time is over. */
  | {readonly at: 'released'; readonly redemption: Redemption; readonly because: Because; readonly freed: boolean}
  | {readonly at: 'expired'; readonly redemption: Redemption};

export type Event =
  | ({readonly is: 'tapped'} & Tap)
  /** `asked` is the key under which the same wish was sent before, and may have been granted. */
  | {readonly is: 'quoted'; readonly answer: Answer<Quote> | null; readonly asked?: string}
  | {readonly is: 'held'; readonly answer: Answer<Redemption>}
  | {readonly is: 'put'; readonly done: boolean}
  | {readonly is: 'verified'; readonly off: Money | null}
  | {readonly is: 'freed'; readonly done: boolean; readonly used?: boolean}
  | {readonly is: 'found'; readonly redemption: Redemption; readonly off: Money | null}
  | {readonly is: 'resumed'; readonly redemption: Redemption}
  | {readonly is: 'removed'; readonly because: Because}
  | {readonly is: 'over'; readonly used?: boolean};

/** `take_off`: its time is over, so it only has to leave the cart. */
export type Act = 'quote' | 'hold' | 'apply' | 'verify' | 'release' | 'take_off' | null;

type Asking = Extract<Stage, Tap>;

export function step(stage: Stage, event: Event): [Stage, Act] {
  switch (event.is) {
    case 'tapped':
      return tapped(stage, {wish: event.wish, key: event.key});
    case 'quoted':
      return stage.at === 'quoting' ? quoted(stage, event) : [stage, null];
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
      return stage.at === 'releasing' ? freed(stage, event) : [stage, null];
    case 'found':
      return busy(stage) ? [stage, null] : [{at: 'applied', redemption: event.redemption, off: event.off}, null];
    case 'resumed':
      // What is applied is on the cart, or is another one.
      return busy(stage) || stage.at === 'applied' ? [stage, null] : put(wishOf(event.redemption), event.redemption);
    case 'removed':
      return stage.at === 'applied' ? releasing(stage.redemption, event.because) : [stage, null];
    case 'over':
      if (stage.at !== 'applied') return [stage, null];
      return [event.used ? spent(stage.redemption)[0] : {at: 'expired', redemption: stage.redemption}, 'take_off'];
  }
}

export function busy({at}: Stage): boolean {
  return at === 'quoting' || at === 'holding' || at === 'applying' || at === 'verifying' || at === 'releasing';
}

// Said before anybody looked at the key.
const UNSEEN = new Set(['login_required', 'no_permission', 'unauthenticated']);

/** Whether the key that was answered so may have been granted, or be granted yet. */
export function open(answer: Answer<Redemption>): boolean {
  return !answer.ok && (answer.refusal.unknown || answer.refusal.retryable || UNSEEN.has(answer.refusal.code));
}

/** Whether two wishes ask for the same in every way, so that the key of one is good for the other. */
export function alike(one: Wish, other: Wish): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function tapped(stage: Stage, tap: Tap): [Stage, Act] {
  // A second tap while something is under way is the first one.
  if (busy(stage)) return [stage, null];
  // The proxy would end the code of what is applied, so it leaves the cart before another takes its place.
  if (stage.at === 'applied' && replaces(tap.wish, stage.redemption)) {
    return [{at: 'releasing', redemption: stage.redemption, because: 'removed', next: tap}, 'release'];
  }
  return [{at: 'quoting', ...tap}, 'quote'];
}

/** Whether money has to come off by it; what is handed over at the till takes none off. */
function moves(redemption: Redemption): boolean {
  return redemption.benefit === null || redemption.code !== null;
}

function replaces(wish: Wish, redemption: Redemption): boolean {
  return ('benefit' in wish ? wish.benefit.id : null) === (redemption.benefit?.id ?? null);
}

// Where not even a question arrives, a wish would not either.
const UNREACHED = new Set(['no_permission', 'offline', 'timeout', 'unauthenticated']);
// A quote asks nobody for an approval: only the redemption does.
const ONLY_ASKED = 'approval_required';

function quoted({wish, key}: Asking, {answer, asked}: Extract<Event, {is: 'quoted'}>): [Stage, Act] {
  if (asked !== undefined) return [{at: 'holding', wish, key: asked}, 'hold'];
  if (answer !== null && !answer.ok && UNREACHED.has(answer.refusal.code)) return refused(wish, answer.refusal, null);
  const kind = 'amount' in wish ? 'amount' : 'benefit';
  const verdict = answer?.ok ? answer.value.verdicts.find((each) => each.of === kind && !each.allowed) : undefined;
  if (verdict?.code && verdict.code !== ONLY_ASKED) {
    const {code, facts} = verdict;
    return refused(wish, {code, facts, retryable: false, retryAfterS: null, unknown: false}, null);
  }
  // Without a quote the redemption itself says what is wrong.
  return [{at: 'holding', wish, key}, 'hold'];
}

function held({wish, key}: Asking, answer: Answer<Redemption>): [Stage, Act] {
  if (answer.ok) return put(wish, answer.value);
  return refused(wish, answer.refusal, open(answer) ? {wish, key} : null);
}

function refused(wish: Wish, refusal: Refusal, again: Tap | null): [Stage, Act] {
  return [{at: 'refused', wish, refusal, again}, null];
}

function put(wish: Wish, redemption: Redemption): [Stage, Act] {
  // A repeated key answers what became of it, and that may be over by now.
  if (!usable(redemption)) {
    return used(redemption) ? spent(redemption) : [{at: 'expired', redemption}, null];
  }
  return [{at: 'applying', wish, redemption}, 'apply'];
}

function releasing(redemption: Redemption, because: Because): [Stage, Act] {
  return [{at: 'releasing', redemption, because}, 'release'];
}

type Releasing = Extract<Stage, {at: 'releasing'}>;

function freed({redemption, because, next}: Releasing, freed: Extract<Event, {is: 'freed'}>): [Stage, Act] {
  if (freed.used === true) return spent(redemption);
  if (next !== undefined) return [{at: 'quoting', ...next}, 'quote'];
  return [{at: 'released', redemption, because, freed: freed.done}, null];
}

export function usable({code, cart_attribute: attribute}: Redemption): boolean {
  return code !== null || attribute !== null;
}

/** Whether an order has it: then it is neither free nor on this cart. */
export function used(redemption: Redemption): boolean {
  return redemption.order_id !== null;
}

function spent(redemption: Redemption): [Stage, Act] {
  return [{at: 'released', redemption, because: 'used', freed: true}, null];
}

function wishOf({amount, benefit}: Redemption): Wish {
  if (benefit !== null) return {benefit: {id: benefit.id, uses: benefit.uses}};
  return {amount: amount ?? {amount: '0', currencyCode: ''}};
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([name, each]) => [name, sorted(each)])
    .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1));
}
