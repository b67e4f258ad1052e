/** Refusals of the proxy as they are on the wire, and `offline` for no answer at all. */
const aud = (amount: string) => ({amount, currencyCode: 'AUD'});

export const PROBLEMS = {
  offline: {status: 0},
  unauthenticated: {status: 401},
  login_required: {status: 403},
  insufficient_balance: {status: 409, available: aud('7.50')},
  held_elsewhere: {status: 409},
  below_minimum: {status: 422, minimum: aud('5.00')},
  above_share: {status: 422, share_percent: 50, maximum: aud('69.50')},
  rate_limited: {status: 429, retryable: true},
  upstream_unavailable: {status: 503, retryable: true},
  approval_required: {status: 403, approval: 'apr_01hzy3v7q8k2m4n6p8r0t2v4x6', above: aud('20.00')},
  reason_required: {status: 422, above: aud('10.00')},
} as const satisfies Record<string, {status: number} & Record<string, unknown>>;
