// @vitest-environment node
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {customerClient, staffClient, type Connection} from '../src/client';
import {redemption, TEN} from './sample';

interface Sent {
  readonly url: string;
  readonly request: RequestInit;
}

let sent: Sent[];
let tokens: number;

beforeEach(() => {
  sent = [];
  tokens = 0;
});

/** A connection whose proxy gives these answers in turn, the last one for ever. */
function connected(...answers: (() => Response | Promise<Response>)[]): Connection {
  return {
    url: 'https://proxy.test',
    token: async () => `token-${(tokens += 1)}`,
    fetch: async (url, request) => {
      sent.push({url, request});
      const answer = answers[Math.min(sent.length, answers.length) - 1];
      if (answer === undefined) throw new TypeError('no answer');
      return answer();
    },
  };
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): () => Response {
  return () => new Response(typeof body === 'string' ? body : JSON.stringify(body), {status, headers});
}

function problem(status: number, code: string, more: object = {}, headers?: Record<string, string>): () => Response {
  return json(status, {type: 'about:blank', title: 'No.', status, code, retryable: false, ...more}, headers);
}

const REDEEMED = json(201, redemption());
const header = (name: string, at = 0) => (sent[at]?.request.headers as Record<string, string>)[name];
const body = (at = 0): unknown => JSON.parse(String(sent[at]?.request.body));

describe('what is sent', () => {
  test('every request has a token of its own', async () => {
    const client = customerClient(connected(json(200, {status: 'active'})));
    await client.rewards();
    await client.benefits();
    expect([header('Authorization', 0), header('Authorization', 1)]).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test('a read has no body, no key and no header that a preflight would have to allow beyond the token', async () => {
    await customerClient(connected(json(200, {}))).rewards();
    const headers = {Authorization: 'Bearer token-1'};
    expect(sent).toMatchObject([{url: 'https://proxy.test/v1/rewards', request: {method: 'GET', headers}}]);
    expect(sent[0]?.request.body).toBeUndefined();
    expect(Object.keys(sent[0]?.request.headers ?? {})).toEqual(['Authorization']);
  });

  test('a wish has its key and its cart', async () => {
    await customerClient(connected(REDEEMED)).redeem(TEN, 'cart-1', 'key-1');
    expect([header('Idempotency-Key'), header('Content-Type')]).toEqual(['key-1', 'application/json']);
    expect(body()).toEqual({...TEN, cart: 'cart-1'});
  });

  test('a cart that is not known is not named', async () => {
    await customerClient(connected(REDEEMED)).redeem(TEN, null, 'key-1');
    expect(body()).toEqual(TEN);
  });

  test('what a till declares is asked for each time; an approval is for the redemption alone', async () => {
    let staff = 0;
    const redeemer = staffClient(connected(REDEEMED)).redeemer(() => ({
      customer_id: '1001',
      staff_id: `staff-${(staff += 1)}`,
      approval: 'apr_1',
    }));
    await redeemer.quote(TEN, {lines: [], codes: []});
    await redeemer.redeem(TEN, null, 'key-1');
    expect(body(0)).toEqual({...TEN, customer_id: '1001', staff_id: 'staff-1', cart: {lines: [], codes: []}});
    expect(body(1)).toEqual({...TEN, customer_id: '1001', staff_id: 'staff-2', approval: 'apr_1'});
  });

  test('what comes from elsewhere cannot leave its place in the path', async () => {
    await staffClient(connected(json(200, {}))).overview('../rewards?x=#');
    expect(sent[0]?.url).toBe('https://proxy.test/v1/pos/customers/..%2Frewards%3Fx%3D%23');
  });

  test('the platform’s own fetch is called as nobody’s method', async () => {
    let self: unknown = 'never called';
    const connection: Connection = {
      ...connected(),
      fetch: async function (this: unknown) {
        self = this;
        return json(200, {})();
      },
    };
    await customerClient(connection).rewards();
    expect(self).toBeUndefined();
  });
});

describe('who asks', () => {
  test.each([undefined, '', null as unknown as undefined])('without a token (%j) nothing is sent', async (token) => {
    const answer = await customerClient({...connected(), token: async () => token}).redeem(TEN, null, 'key-1');
    expect(answer).toMatchObject({ok: false, refusal: {code: 'no_permission', retryable: false, unknown: false}});
    expect(sent).toEqual([]);
  });

  test('a token that is refused is replaced once, and the same key asks', async () => {
    const client = customerClient(connected(problem(401, 'unauthenticated'), REDEEMED));
    expect(await client.redeem(TEN, null, 'key-1')).toMatchObject({ok: true});
    expect([header('Authorization', 0), header('Authorization', 1)]).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect([header('Idempotency-Key', 0), header('Idempotency-Key', 1)]).toEqual(['key-1', 'key-1']);
  });

  test.each([
    ['by the proxy', problem(401, 'unauthenticated')],
    ['by something before it', json(401, '<h1>401</h1>')],
  ])('a second token that is refused %s is refused for a reason', async (_, refuses) => {
    const answer = await customerClient(connected(refuses)).rewards();
    expect(answer).toMatchObject({ok: false, refusal: {code: 'unauthenticated'}});
    expect(sent).toHaveLength(2);
  });

  test('a platform that gives no answer about its token counts as offline, and nothing was done', async () => {
    const client = customerClient({...connected(), token: () => Promise.reject(new Error('no session'))});
    expect(await client.redeem(TEN, null, 'k')).toMatchObject({refusal: {code: 'offline', unknown: false}});
  });
});

describe('what comes of a change', () => {
  const cases = [
    ['refused', problem(409, 'insufficient_balance'), 'insufficient_balance', false],
    ['too often', problem(429, 'rate_limited', {retryable: true}), 'rate_limited', false],
    ['another attempt is under way', problem(409, 'in_flight', {retryable: true}), 'in_flight', true],
    ['pending', problem(503, 'outcome_pending', {retryable: true}), 'outcome_pending', true],
    ['the proxy fell', problem(500, 'internal'), 'internal', true],
    ['down', problem(503, 'upstream_unavailable', {retryable: true}), 'upstream_unavailable', true],
    ['a page of a gateway', json(502, '<html>Bad gateway</html>'), 'unreadable', true],
    ['an empty answer', json(200, ''), 'unreadable', true],
    ['half an answer', json(201, '{"id": "rdm_'), 'unreadable', true],
    ['a list', json(200, []), 'unreadable', true],
    ['a problem without code', json(403, {message: 'blocked'}), 'unreadable', true],
    ['no network', () => Promise.reject(new TypeError('Failed to fetch')), 'offline', true],
  ] as const;

  test.each(cases)('%s', async (_, answer, code, unknown) => {
    const client = customerClient(connected(answer));
    expect(await client.redeem(TEN, null, 'key-1')).toMatchObject({ok: false, refusal: {code, unknown}});
    expect(await client.release('rdm_1')).toMatchObject({ok: false, refusal: {code, unknown}});
  });

  test.each(cases)('%s: of a read nothing is unknown', async (_, answer, code) => {
    const read = await customerClient(connected(answer)).rewards();
    expect(read).toMatchObject({ok: false, refusal: {code, unknown: false}});
  });
});

describe('what a refusal tells', () => {
  test('the facts behind it, and nothing that is of every problem', async () => {
    const facts = {minimum: {amount: '2.00', currencyCode: 'AUD'}};
    const answer = await customerClient(connected(problem(422, 'below_minimum', {...facts, detail: 'x'}))).rewards();
    expect(answer).toEqual({
      ok: false,
      refusal: {code: 'below_minimum', facts, retryable: false, retryAfterS: null, unknown: false},
    });
  });

  test.each([
    ['7', 7],
    ['0', 0],
    ['-1', null],
    ['1e9', null],
    ['Wed, 21 Oct 2026 07:28:00 GMT', null],
  ])('Retry-After %s', async (said, seconds) => {
    const of = async (answer: () => Response) => {
      const refused = await customerClient(connected(answer)).rewards();
      return refused.ok ? undefined : refused.refusal.retryAfterS;
    };
    expect(await of(problem(429, 'rate_limited', {}, {'Retry-After': said}))).toBe(seconds);
    expect(await of(json(503, '<html>', {'Retry-After': said}))).toBe(seconds);
  });
});

describe('the deadline', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const never = <T>() => new Promise<T>(() => undefined);

  test.each([
    ['the answer', {fetch: () => never<Response>()}, true],
    ['the body', {fetch: async () => Object.assign(new Response(), {json: () => never()})}, true],
    ['the token', {token: () => never<string>()}, false],
  ])('%s that does not come is a time-out, though the platform heeds no signal', async (_, stalls, unknown) => {
    const asked = customerClient({...connected(), ...stalls}).redeem(TEN, null, 'key-1');
    await vi.advanceTimersByTimeAsync(8_000);
    expect(await asked).toMatchObject({ok: false, refusal: {code: 'timeout', retryable: true, unknown}});
  });

  test('the request is told to stop', async () => {
    let signal: AbortSignal | null | undefined;
    const asked = customerClient({
      ...connected(),
      fetch: (_, request) => {
        signal = request.signal;
        return never();
      },
    }).rewards();
    await vi.advanceTimersByTimeAsync(7_999);
    expect(signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(signal?.aborted).toBe(true);
    await asked;
  });

  test('an answer in time leaves no timer behind', async () => {
    await customerClient(connected(json(200, {}))).rewards();
    expect(vi.getTimerCount()).toBe(0);
  });
});
