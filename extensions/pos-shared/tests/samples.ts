/** What the proxy answers, as its contract says it. */
import type {Benefit, Benefits, History, Overview, Quote, Redemption, Sale} from '../../shared/src/client';

export const money = (amount: string, currencyCode = 'AUD') => ({amount, currencyCode});

export function redemption(changed: Partial<Redemption> = {}): Redemption {
  return {
    id: 'red_aaaaaaaaaaaa12345678',
    state: 'issued',
    amount: money('10.00'),
    captured: null,
    benefit: null,
    code: 'RWD-ONE',
    cart_attribute: null,
    surface: 'pos',
    created_at: '2026-11-21T10:00:00Z',
    expires_at: '2036-11-21T10:15:00Z',
    reason: null,
    order_id: null,
    history: null,
    ...changed,
  };
}

export function overview(changed: Partial<Overview> = {}): Overview {
  return {
    status: 'active',
    profile: {first_name: 'Ada', last_name: 'Byron', type: 'member', tier: 'Gold', joined_at: '2024-02-01T00:00:00Z'},
    tier: {
      current: 'Gold',
      next: 'Platinum',
      progress: '60',
      remaining: '40',
      current_progress: null,
      current_remaining: null,
    },
    balance: {available: money('25.00'), held: money('0.00'), total: money('25.00')},
    expiring_next: {amount: money('5.00'), expires_at: '2026-12-01T00:00:00Z'},
    benefits: 2,
    redemption: null,
    redemptions: [],
    missing: [],
    as_of: '2026-11-21T10:00:00Z',
    stale: false,
    ...changed,
  };
}

export function quote(changed: Partial<Quote> = {}): Quote {
  return {
    verdicts: [{of: 'amount', benefit: null, allowed: true, code: null, facts: {}}],
    maximum: money('25.00'),
    suggested: money('25.00'),
    eligible_subtotal: money('40.00'),
    balance: {available: money('25.00'), held: money('0.00'), total: money('25.00')},
    ...changed,
  };
}

export function against(code: string, facts: Record<string, unknown>): Quote {
  return quote({verdicts: [{of: 'amount', benefit: null, allowed: false, code, facts}]});
}

export function benefit(changed: Partial<Benefit> = {}): Benefit {
  return {
    id: 3,
    handle: 'coffee',
    name: 'A free coffee',
    type: null,
    description: 'Any size',
    terms: null,
    expires_at: null,
    remaining: 1,
    applicable: true,
    reason: null,
    instructions: 'Hand over a coffee',
    effect: {kind: 'record', percent: null, amount: null, on: null},
    ...changed,
  };
}

export function benefits(changed: Partial<Benefits> = {}): Benefits {
  return {status: 'active', benefits: [benefit()], claimable: [], missing: [], stale: false, ...changed};
}

export function sale(changed: Partial<Sale> = {}): Sale {
  return {
    id: 1,
    external_id: 'x',
    receipt_ref: '#1001',
    linked_receipt_ref: null,
    transacted_at: '2026-11-20T10:00:00Z',
    location: 'Main Street',
    channels: ['pos'],
    total: '30.00',
    currency: 'AUD',
    redemptions: [],
    reversed: [],
    void: false,
    returned: false,
    items: [{name: 'Scarf', sku: null, quantity: '2.00', price: '15.00', returned: false}],
    ...changed,
  };
}

export function history(changed: Partial<History> = {}): History {
  return {status: 'active', transactions: [sale()], page: 1, size: 10, total: 1, more: false, stale: false, ...changed};
}
