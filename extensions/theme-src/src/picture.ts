/** What a block shows of what is known: texts, and which parts are there. Pure. */
import type {Benefit, Redemption, Refusal, Rewards} from '../../shared/src/client';
import {least, money, type Money} from '../../shared/src/money';
import type {Told} from '../../shared/src/refusals';
import {total, type AjaxCart} from './cart';
import type {Known} from './session';
import {say, type format, type Texts} from './words';

/** How one thing stands, the amount or a benefit. */
export interface Status {
  readonly applied: boolean;
  readonly busy: boolean;
  readonly said: string;
  /** What the last answer lets the shopper do. */
  readonly offer: 'again' | 'take_over' | null;
  readonly guest: boolean;
}

export interface Row extends Status {
  readonly id: number;
  readonly name: string;
  readonly about: string;
  readonly usable: boolean;
}

export interface Picture extends Status {
  readonly loading: boolean;
  readonly balance: string;
  readonly notes: readonly string[];
  /** The most that can be used on this cart; null: nothing can be applied now. */
  readonly most: Money | null;
  readonly rows: readonly Row[];
}

export type Write = ReturnType<typeof format>;

/** The words of a page: its texts, how it writes amounts, and how it tells a refusal. */
export interface Words {
  readonly texts: Texts;
  readonly write: Write;
  readonly tell: (refusal: Refusal, write: Write) => Told;
}

type Stage = NonNullable<Known['stages']['amount']>;

const STILL: Status = {applied: false, busy: false, said: '', offer: null, guest: false};
const NOTHING: Picture = {...STILL, loading: false, balance: '', notes: [], most: null, rows: []};

/** Before there is a session, and where there can be none. */
export function without(at: 'loading' | 'down', texts: Texts): Picture {
  return at === 'loading' ? {...NOTHING, loading: true} : {...NOTHING, said: say(texts, 'theme.unavailable')};
}

export function picture(known: Known, words: Words): Picture {
  const {texts, write} = words;
  const {rewards, cart, stages} = known;
  if (known.at === 'guest') return {...NOTHING, guest: true};
  if (rewards === null) return without(known.at === 'loading' ? 'loading' : 'down', texts);
  if (rewards.status !== 'active' || !rewards.balance) return {...NOTHING, balance: say(texts, 'reward.pending')};
  const available = money(rewards.balance.available);
  const amount = status(stages.amount, words);
  const [most, why] = amount.applied || available.minor === 0 ? [null, ''] : usable(rewards, cart, available, words);
  const balance = available.minor > 0 || amount.applied ? 'reward.available' : 'reward.none';
  const rows = known.benefits.map((benefit) => row(benefit, known, words));
  // One at a time: while one is at work none can be tapped.
  const busy = amount.busy || rows.some((each) => each.busy);
  return {
    ...NOTHING,
    ...amount,
    busy,
    offer: amount.offer ?? (waiting(known) === null ? null : 'take_over'),
    balance: say(texts, balance, {amount: write.money(available)}),
    notes: [...facts(rewards, amount.applied, words), why].filter((text) => text !== ''),
    most,
    rows: rows.map((each) => ({...each, busy})),
  };
}

/** An own code that is not on this cart: its page went, or it is at the checkout. A till's stays at the till. */
export function waiting({rewards, stages}: Known): Redemption | null {
  const open = stages.amount === undefined ? (rewards?.redemption ?? null) : null;
  return open?.code && open.surface !== 'pos' ? open : null;
}

/** The most that this cart can take, or why it can take nothing. */
function usable(rewards: Rewards, cart: AjaxCart | null, available: Money, words: Words): [Money | null, string] {
  const {texts, write} = words;
  const minimum = money(rewards.policy.minimum);
  if (cart === null || cart.items.length === 0) return [null, say(texts, 'theme.empty')];
  if (cart.currency !== available.currency) return [null, say(texts, 'refusal.currency_mismatch')];
  const most = least(available, total(cart));
  // Others pay for all of it already.
  if (most.minor === 0) return [null, ''];
  if (most.minor < minimum.minor) return [null, say(texts, 'refusal.below_minimum', {minimum: write.money(minimum)})];
  return [most, ''];
}

function facts(rewards: Rewards, applied: boolean, {texts, write}: Words): string[] {
  const {expiring_next: next, balance, stale, as_of: asOf} = rewards;
  const held = balance ? money(balance.held) : null;
  return [
    next?.expires_at
      ? say(texts, 'reward.expiring', {amount: write.money(money(next.amount)), date: write.date(next.expires_at)})
      : '',
    held !== null && held.minor > 0 && !applied ? say(texts, 'reward.held', {amount: write.money(held)}) : '',
    stale && asOf ? say(texts, 'reward.as_of', {time: write.time(new Date(asOf))}) : '',
  ];
}

function row(benefit: Benefit, {rewards, cart, stages}: Known, words: Words): Row {
  const {id, name, applicable, reason} = benefit;
  const stage = stages[`benefit-${id}`];
  const {texts, write} = words;
  const now = status(stage, words, name);
  const about = [
    effect(benefit, words),
    benefit.expires_at ? say(texts, 'reward.expires', {date: write.date(benefit.expires_at)}) : '',
    reason !== null && !now.applied ? (texts[`reward.reason.${reason}`] ?? '') : '',
  ];
  const filled = cart !== null && cart.items.length > 0;
  const shown = about.filter((text) => text !== '').join(' · ');
  // Its last use is held: on another cart, or for this one before a reload. A till's stays at the till.
  const held = rewards?.redemptions.some((each) => each.benefit?.id === id && each.surface !== 'pos') ?? false;
  const elsewhere = stage === undefined && reason === 'in_use' && held && filled;
  const offer = now.offer ?? (elsewhere ? 'take_over' : null);
  return {...now, offer, id, name, about: shown, usable: applicable && filled && !now.applied};
}

function effect({effect: given}: Benefit, {texts, write}: Words): string {
  if (given === null) return '';
  const amount = given.amount === null ? '' : write.money(money(given.amount));
  return say(texts, `reward.effect.${given.kind}`, {amount, percent: given.percent ?? ''});
}

/** `name` is a benefit's; without it, it is about the amount. */
function status(stage: Stage | undefined, words: Words, name?: string): Status {
  const {texts, write} = words;
  if (stage === undefined) return STILL;
  switch (stage.at) {
    case 'idle':
      return STILL;
    case 'applied':
      return {...STILL, applied: true, said: applied(stage.off, words, name)};
    case 'expired':
      return {...STILL, said: say(texts, 'reward.at.expired'), offer: 'again'};
    case 'released': {
      const time = write.time(new Date(stage.redemption.expires_at));
      const later = stage.freed ? '' : ` ${say(texts, 'reward.released.later', {time})}`;
      return {...STILL, said: say(texts, `reward.released.${stage.because}`) + later};
    }
    case 'refused': {
      const {text, values, may} = words.tell(stage.refusal, write);
      const offer = may === 'again' || may === 'take_over' ? may : null;
      return {...STILL, said: say(texts, text, values), offer, guest: may === 'sign_in'};
    }
    default:
      return {...STILL, busy: true, said: say(texts, `reward.at.${stage.at}`)};
  }
}

function applied(off: Money | null, {texts, write}: Words, name: string | undefined): string {
  if (name !== undefined) return say(texts, 'reward.at.benefit_applied', {name});
  return off?.minor ? say(texts, 'reward.at.applied', {amount: write.money(off)}) : say(texts, 'theme.waits');
}
