/** Answers of the proxy for states that are only looked at; the types are the contract's own. */
import type {
  Benefit,
  Benefits,
  History,
  Overview,
  Quote,
  Redemption,
  Reward,
  Rewards,
  Sale,
  Standing,
} from '../../shared/src/client';
import {PROBLEMS} from './problems';

export const SOON = '2026-12-11T02:00:00+00:00';
export const LATER = '2027-01-20T02:00:00+00:00';
const PAST = '2026-08-02T02:00:00+00:00';
const NOW = '2026-11-21T23:00:00+00:00';

export const aud = (amount: string) => ({amount, currencyCode: 'AUD'});
const balance = (available: string, held = '0.00', total = available) => ({
  available: aud(available),
  held: aud(held),
  total: aud(total),
});

function reward(id: number, state: Reward['state'], initial: string, remaining: string, expires: string): Reward {
  return {
    id,
    name: 'Reward',
    state,
    initial: aud(initial),
    remaining: aud(remaining),
    issued_at: PAST,
    expires_at: expires,
  };
}

export const REDEMPTION: Redemption = {
  id: 'rdm_01hzy3v7q8k2m4n6p8r0t2v4x6',
  state: 'issued',
  amount: aud('12.50'),
  captured: null,
  benefit: null,
  code: 'REWARD-7KQ2M9',
  cart_attribute: null,
  surface: 'checkout',
  created_at: NOW,
  expires_at: '2099-01-01T00:00:00+00:00',
  reason: null,
  order_id: null,
  history: null,
};

const TIER = {
  current: 'Silver',
  next: 'Gold',
  progress: '60.00',
  remaining: '200.00',
  current_progress: '300.00',
  current_remaining: null,
};

export const REWARDS: Rewards = {
  status: 'active',
  balance: balance('25.00'),
  rewards: [
    reward(1, 'active', '10.00', '10.00', SOON),
    reward(2, 'active', '15.00', '15.00', LATER),
    reward(3, 'used', '20.00', '0.00', PAST),
    reward(4, 'expired', '5.00', '5.00', PAST),
  ],
  expiring_next: {amount: aud('10.00'), expires_at: SOON},
  policy: {minimum: aud('0.01'), minimum_spend: null},
  redemption: null,
  redemptions: [],
  as_of: NOW,
  stale: false,
  retry_after_s: null,
};

export const EMPTY: Rewards = {...REWARDS, balance: balance('0.00'), rewards: [], expiring_next: null};
export const PENDING: Rewards = {...EMPTY, status: 'pending_profile', balance: null, retry_after_s: 30};
export const STALE: Rewards = {...REWARDS, stale: true};
export const OPEN: Rewards = {
  ...REWARDS,
  balance: balance('12.50', '12.50', '25.00'),
  redemption: REDEMPTION,
  redemptions: [REDEMPTION],
};

function benefit(id: number, name: string, effect: Benefit['effect'], more: Partial<Benefit> = {}): Benefit {
  return {
    id,
    name,
    effect,
    handle: name.toLowerCase().replaceAll(' ', '-'),
    type: 'discount',
    description: null,
    terms: null,
    expires_at: LATER,
    remaining: 1,
    applicable: true,
    reason: null,
    instructions: null,
    ...more,
  };
}

export const BENEFITS: Benefits = {
  status: 'active',
  benefits: [
    benefit(
      11,
      'Birthday treat',
      {kind: 'percentage', percent: '10', amount: null, on: null},
      {description: '10 % off your whole basket', terms: 'Once, within 30 days of your birthday.'},
    ),
    benefit(
      12,
      'Socks on us',
      {kind: 'free_product', percent: null, amount: null, on: null},
      {description: 'One pair of wool socks', remaining: 2},
    ),
    benefit(
      13,
      'Coffee at the bar',
      {kind: 'record', percent: null, amount: null, on: null},
      {instructions: 'Hand over the coffee.', applicable: false, reason: 'other_surface', remaining: null},
    ),
  ],
  claimable: [
    {handle: 'welcome-tote', name: 'Welcome tote', description: 'For new members', terms: null, claim_until: LATER},
  ],
  missing: [],
  stale: false,
};

export const NO_BENEFITS: Benefits = {...BENEFITS, benefits: [], claimable: []};

export const QUOTE: Quote = {
  verdicts: [{of: 'amount', benefit: null, allowed: true, code: null, facts: {}}],
  maximum: aud('25.00'),
  suggested: aud('25.00'),
  eligible_subtotal: aud('139.00'),
  balance: balance('25.00'),
};

const STANDING: Standing = {status: 'active', tier: TIER, stale: false};

function sale(id: number, total: string, more: Partial<Sale> = {}): Sale {
  return {
    id,
    external_id: `#10${id}`,
    receipt_ref: `R-${id}`,
    linked_receipt_ref: null,
    transacted_at: PAST,
    location: 'Collins St',
    channels: ['pos'],
    total,
    currency: 'AUD',
    redemptions: [],
    reversed: [],
    void: false,
    returned: false,
    items: [{name: 'Linen shirt', sku: 'LINEN-SHIRT', quantity: '1', price: total, returned: false}],
    ...more,
  };
}

export const HISTORY: History = {
  status: 'active',
  transactions: [
    sale(41, '66.50', {
      redemptions: [{amount: '12.50', used: [{type: 'reward', name: 'Reward', value: '12.50', count: null}]}],
    }),
    sale(40, '35.00', {channels: ['web'], location: null, returned: true}),
    sale(39, '12.50', {void: true}),
  ],
  page: 1,
  size: 10,
  total: 3,
  more: false,
  stale: false,
};

export const OVERVIEW: Overview = {
  status: 'active',
  profile: {first_name: 'Ada', last_name: 'Marsh', type: 'member', tier: 'Silver', joined_at: PAST},
  tier: TIER,
  balance: balance('25.00'),
  expiring_next: {amount: aud('10.00'), expires_at: SOON},
  benefits: 3,
  redemption: null,
  redemptions: [],
  missing: [],
  as_of: NOW,
  stale: false,
};

export interface Canned {
  readonly rewards?: Rewards | keyof typeof PROBLEMS;
  readonly benefits?: Benefits;
  readonly history?: History;
  readonly overview?: Overview | keyof typeof PROBLEMS;
  readonly redeem?: Redemption | keyof typeof PROBLEMS;
  readonly quote?: Quote;
}

/** A `fetch` that answers from a list; what it has no answer for never answers, as when something takes long. */
export function answering(canned: Canned): typeof fetch {
  return async (input, init) => {
    const said = answerTo(new URL(String(input)).pathname, init?.method ?? 'GET', canned);
    if (said === undefined) return new Promise(() => undefined);
    if (said === 'offline') throw new TypeError('stand-in: offline');
    if (typeof said !== 'string') return reply(said, 200);
    const {status, ...problem} = PROBLEMS[said];
    return reply({type: 'about:blank', title: said, status, retryable: false, code: said, ...problem}, status);
  };
}

function answerTo(path: string, method: string, canned: Canned): object | keyof typeof PROBLEMS | undefined {
  if (path.endsWith('/redemptions/quote')) return canned.quote ?? quoteOf(canned);
  if (path.endsWith('/redemptions') && method === 'POST') return canned.redeem;
  if (path.includes('/redemptions/')) return {...REDEMPTION, state: 'releasing', code: null};
  if (path.endsWith('/rewards')) return canned.rewards;
  if (path.endsWith('/benefits')) return canned.benefits ?? NO_BENEFITS;
  if (path.endsWith('/tier')) return typeof canned.rewards === 'object' ? STANDING : undefined;
  if (path.endsWith('/history')) return canned.history ?? HISTORY;
  if (path.endsWith('/lookups')) return {status: 'active', customer_id: '1001', profile: OVERVIEW.profile};
  return /\/pos\/customers\/[^/]+$/.test(path) ? canned.overview : undefined;
}

/** What a cart may take of the balance that is shown beside it. */
function quoteOf({rewards, overview}: Canned): Quote {
  const shown = typeof rewards === 'object' ? rewards.balance : typeof overview === 'object' ? overview.balance : null;
  return shown === null ? QUOTE : {...QUOTE, balance: shown, suggested: shown.available, maximum: shown.available};
}

function reply(body: object, status: number): Response {
  return new Response(JSON.stringify(body), {status, headers: {'Content-Type': 'application/json'}});
}
