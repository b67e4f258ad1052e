/** What a refusal says, in which words, and what may be done about it. */
import type {Refusal} from './client';
import {parse, type Money, type Wire} from './money';

/** `again`: the same tap may help; `wait`: it may later. */
export type May = 'again' | 'wait' | 'take_over' | 'other_amount' | 'sign_in' | 'reason' | 'colleague' | 'nothing';

/** How a surface writes what is not text. */
export interface Format {
  money(money: Money): string;
  time(at: Date): string;
}

export interface Told {
  /** Of the texts: `refusal.<code>`, or `refusal.other` for a code that this release does not know. */
  readonly text: string;
  readonly values: Readonly<Record<string, string | number>>;
  readonly may: May;
}

const MAY = new Map<string, May>(Object.entries({
  // of the proxy
  above_maximum: 'other_amount',
  above_share: 'other_amount',
  above_staff_maximum: 'other_amount',
  approval_invalid: 'colleague',
  approval_own: 'colleague',
  approval_pending: 'again',
  approval_required: 'colleague',
  below_minimum: 'other_amount',
  below_minimum_spend: 'nothing',
  benefit_expired: 'nothing',
  benefit_not_applicable: 'nothing',
  benefit_unavailable: 'nothing',
  benefit_used_up: 'nothing',
  busy: 'again',
  currency_mismatch: 'nothing',
  deadline_passed: 'again',
  device_required: 'nothing',
  discount_refused: 'again',
  expired: 'other_amount',
  held_elsewhere: 'take_over',
  idempotency_key_reused: 'again',
  in_flight: 'again',
  insufficient_balance: 'other_amount',
  login_required: 'sign_in',
  not_a_step: 'other_amount',
  not_claimable: 'nothing',
  not_combinable: 'nothing',
  outcome_pending: 'again',
  pending_profile: 'wait',
  profile_inactive: 'nothing',
  rate_limited: 'wait',
  reason_required: 'reason',
  shop_closed: 'nothing',
  staff_limit_reached: 'other_amount',
  unauthenticated: 'sign_in',
  upstream_unavailable: 'again',
  // of ours
  no_permission: 'nothing',
  not_editable: 'nothing',
  offline: 'again',
  timeout: 'again',
  unreadable: 'again',
  wallet: 'nothing',
}));

export const CODES: readonly string[] = [...MAY.keys()];

/** The facts that a code's text names; a text is not said with a hole in it. */
export const NAMED: ReadonlyMap<string, readonly string[]> = new Map([
  ['above_maximum', ['maximum']],
  ['above_share', ['maximum', 'share_percent']],
  ['above_staff_maximum', ['maximum']],
  ['approval_required', ['above']],
  ['below_minimum', ['minimum']],
  ['below_minimum_spend', ['eligible_subtotal', 'minimum_spend']],
  ['expired', ['available']],
  ['insufficient_balance', ['available']],
  ['not_a_step', ['step']],
  ['reason_required', ['above']],
  ['staff_limit_reached', ['left', 'limit', 'within_h']],
]);

export function told(refusal: Refusal, format: Format): Told {
  const {code, facts, retryable, retryAfterS, unknown} = refusal;
  const may = MAY.get(code);
  const values = Object.fromEntries(Object.entries(facts).flatMap(([name, fact]) => written(name, fact, format)));
  if (retryAfterS !== null) values['seconds'] = retryAfterS;
  const whole = (NAMED.get(code) ?? []).every((name) => name in values);
  return {
    text: `refusal.${may !== undefined && whole ? code : 'other'}`,
    values,
    may: may ?? (retryable || unknown ? 'again' : 'nothing'),
  };
}

function written(name: string, fact: unknown, format: Format): [string, string | number][] {
  if (isWire(fact)) {
    const read = parse(fact.amount, fact.currencyCode);
    return read === null ? [] : [[name, format.money(read)]];
  }
  if (typeof fact === 'number') return [[name, fact]];
  if (typeof fact !== 'string') return [];
  if (!/^\d{4}-\d\d-\d\dT/.test(fact)) return [[name, fact]];
  const at = new Date(fact);
  return Number.isNaN(at.getTime()) ? [] : [[name, format.time(at)]];
}

function isWire(fact: unknown): fact is Wire {
  if (typeof fact !== 'object' || fact === null) return false;
  const {amount, currencyCode} = fact as Partial<Record<keyof Wire, unknown>>;
  return typeof amount === 'string' && typeof currencyCode === 'string';
}
