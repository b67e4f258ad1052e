/** Answers of the proxy as its contract has them, each with what a test changes. */
import type {Benefit, Benefits, Quote, Redemption, Rewards} from '../../shared/src/client';

export function aud(amount: string): {amount: string; currencyCode: string} {
  return {amount, currencyCode: 'AUD'};
}

export function balance(available: string, held = '0.00'): NonNullable<Rewards['balance']> {
  const total = (Number(available) + Number(held)).toFixed(2);
  return {available: aud(available), held: aud(held), total: aud(total)};
}

export function rewards(changed: Partial<Rewards> = {}): Rewards {
  return {
    status: 'active',
    balance: balance('25.00'),
    rewards: [
      {
        id: 1,
        name: 'Welcome',
        initial: aud('25.00'),
        remaining: aud('25.00'),
        issued_at: '2026-01-01T00:00:00Z',
        expires_at: '2026-12-31T00:00:00Z',
        state: 'active',
      },
    ],
    expiring_next: {amount: aud('5.00'), expires_at: '2026-12-31T00:00:00Z'},
    policy: {minimum: aud('1.00'), minimum_spend: null},
    redemption: null,
    redemptions: [],
    as_of: '2026-11-21T10:00:00Z',
    stale: false,
    retry_after_s: null,
    ...changed,
  };
}

export function benefit(changed: Partial<Benefit> = {}): Benefit {
  return {
    id: 7,
    handle: 'birthday-10',
    name: 'Birthday treat',
    type: null,
    description: null,
    terms: null,
    expires_at: null,
    remaining: 1,
    applicable: true,
    reason: null,
    effect: {kind: 'percentage', percent: '10', amount: null, on: 'order'},
    instructions: null,
    ...changed,
  };
}

export function benefits(...all: Benefit[]): Benefits {
  return {status: 'active', benefits: all, claimable: [], missing: [], stale: false};
}

/** A quote that allows everything up to `maximum`. */
export function quote(maximum = '25.00', changed: Partial<Quote> = {}): Quote {
  return {
    verdicts: [{of: 'amount', benefit: null, allowed: true, code: null, facts: {}}],
    maximum: aud(maximum),
    suggested: aud(maximum),
    eligible_subtotal: aud('100.00'),
    balance: balance(maximum),
    ...changed,
  };
}

export function refusedQuote(code: string, facts: Record<string, unknown> = {}): Quote {
  return quote('25.00', {verdicts: [{of: 'amount', benefit: null, allowed: false, code, facts}]});
}

export function redemption(changed: Partial<Redemption> = {}): Redemption {
  return {
    id: 'red_0000000000000000000000000000abcd',
    state: 'issued',
    amount: aud('12.50'),
    captured: aud('0.00'),
    benefit: null,
    code: 'RW-TEST-1',
    cart_attribute: null,
    surface: 'checkout',
    created_at: '2026-11-21T10:00:00Z',
    expires_at: '2099-01-01T00:00:00Z',
    reason: null,
    order_id: null,
    history: null,
    ...changed,
  };
}

/** A redemption of one use of a benefit. */
export function use(gives: string, changed: Partial<Redemption> = {}): Redemption {
  return redemption({
    amount: null,
    captured: null,
    benefit: {id: 7, handle: 'birthday-10', gives, uses: 1, captured: 0, returned: 0},
    ...changed,
  });
}
