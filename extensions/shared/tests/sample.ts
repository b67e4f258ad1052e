/** Samples that the tests of the flow share. */
import type {Answer, Quote, Redemption, Refusal, Wish} from '../src/client';

export const TEN: Wish = {amount: {amount: '10.00', currencyCode: 'AUD'}};
export const FIVE: Wish = {amount: {amount: '5.00', currencyCode: 'AUD'}};
export const COFFEE: Wish = {benefit: {id: 7, uses: 1}};

export function redemption(changes: Partial<Redemption> = {}): Redemption {
  const id = changes.id ?? 'rdm_00000000000000000000000000000001';
  return {
    id,
    state: 'issued',
    amount: {amount: '10.00', currencyCode: 'AUD'},
    captured: {amount: '0.00', currencyCode: 'AUD'},
    benefit: null,
    code: `RW-${id.slice(-4)}`,
    cart_attribute: null,
    surface: 'checkout',
    created_at: '2026-11-21T10:00:00Z',
    expires_at: '2026-11-21T10:30:00Z',
    reason: null,
    order_id: null,
    history: null,
    ...changes,
  };
}

export function handedOver(id = 'rdm_00000000000000000000000000000002'): Redemption {
  return redemption({
    id,
    amount: null,
    captured: null,
    benefit: {id: 7, handle: 'coffee', gives: 'record', uses: 1, captured: 0, returned: 0},
    code: null,
    cart_attribute: {key: `_redemption_${id.slice(-8)}`, value: id},
  });
}

export function refusal(code: string, changes: Partial<Refusal> = {}): Refusal {
  return {code, facts: {}, retryable: false, retryAfterS: null, unknown: false, ...changes};
}

export function no<T>(code: string, changes: Partial<Refusal> = {}): Answer<T> {
  return {ok: false, refusal: refusal(code, changes)};
}

export function yes<T>(value: T): Answer<T> {
  return {ok: true, value};
}

export function quote(code: string | null = null, of: 'amount' | 'benefit' = 'amount', facts = {}): Answer<Quote> {
  const money = {amount: '10.00', currencyCode: 'AUD'};
  return yes({
    verdicts: [{of, benefit: of === 'benefit' ? 7 : null, allowed: code === null, code, facts}],
    maximum: money,
    suggested: money,
    eligible_subtotal: money,
    balance: {available: money, held: money, total: money},
  });
}
