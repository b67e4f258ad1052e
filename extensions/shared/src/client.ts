/** The only code that talks to the proxy. It knows no surface: token, fetch and clock are given to it. */
import type {components} from './contract';

type Shapes = components['schemas'];
export type Benefits = Shapes['BenefitsOut'];
export type Benefit = Shapes['BenefitOut'];
export type Cart = Shapes['CartIn'];
export type Claim = Shapes['ClaimOut'];
export type History = Shapes['HistoryOut'];
export type Sale = Shapes['TransactionOut'];
export type Lookup = Shapes['LookupOut'];
export type Overview = Shapes['OverviewOut'];
export type Quote = Shapes['QuoteOut'];
export type Redemption = Shapes['RedemptionOut'];
export type Rewards = Shapes['RewardsOut'];
export type Reward = Shapes['RewardOut'];
export type Standing = Shapes['StandingOut'];
export type Approval = Shapes['ApprovalOut'];
type QuoteIn = Shapes['QuoteIn'];

/** Why something was not done. `unknown`: it may have been done all the same, so only the same key may ask again. */
export interface Refusal {
  /** The proxy's stable code, or one of ours: `no_permission`, `offline`, `timeout`, `unreadable`. */
  readonly code: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly retryable: boolean;
  readonly retryAfterS: number | null;
  readonly unknown: boolean;
}

export type Answer<T> = {readonly ok: true; readonly value: T} | {readonly ok: false; readonly refusal: Refusal};

export interface Connection {
  readonly url: string;
  /** A token that is good now; asked for before every request. Undefined: whoever is signed in may not use the app. */
  readonly token: () => Promise<string | undefined>;
  readonly fetch: (url: string, request: RequestInit) => Promise<Response>;
  readonly deadlineMs?: number;
}

/** What a till says about itself with every redemption; kept by the proxy as declared. */
export interface Declared {
  readonly customer_id: string;
  readonly location_id?: string;
  readonly staff_id?: string;
  readonly device_id?: string;
  readonly reason?: string;
  readonly approval?: string;
}

/** An amount or uses of a benefit: one of both. */
export type Wish = ({readonly amount: Shapes['MoneyIn']} | {readonly benefit: Shapes['BenefitIn']}) & {
  readonly take_over?: boolean;
};

/** What the redeem flow needs of the proxy; the same for a customer and for a till. */
export interface Redeemer {
  quote(wish: Omit<QuoteIn, 'cart'>, cart: Cart): Promise<Answer<Quote>>;
  redeem(wish: Wish, cart: string | null, key: string): Promise<Answer<Redemption>>;
  read(id: string): Promise<Answer<Redemption>>;
  release(id: string): Promise<Answer<Redemption>>;
}

export interface CustomerClient extends Redeemer {
  rewards(): Promise<Answer<Rewards>>;
  benefits(): Promise<Answer<Benefits>>;
  tier(): Promise<Answer<Standing>>;
  history(page?: number): Promise<Answer<History>>;
  claim(definition: string, key: string): Promise<Answer<Claim>>;
}

export interface StaffClient {
  overview(customer: string): Promise<Answer<Overview>>;
  benefits(customer: string): Promise<Answer<Benefits>>;
  history(customer: string, page?: number): Promise<Answer<History>>;
  claim(customer: string, definition: string, key: string, device?: string): Promise<Answer<Claim>>;
  lookUp(code: string): Promise<Answer<Lookup>>;
  approval(id: string): Promise<Answer<Approval>>;
  approve(id: string): Promise<Answer<Approval>>;
  /** A redeemer for one customer; `declared` is asked each time, because staff change at a till. */
  redeemer(declared: () => Declared): Redeemer;
}

const DEADLINE_MS = 8_000;
const PAGE = 10;

export function customerClient(connection: Connection): CustomerClient {
  const ask = asker(connection);
  return {
    rewards: () => ask('GET', '/v1/rewards'),
    benefits: () => ask('GET', '/v1/benefits'),
    tier: () => ask('GET', '/v1/tier'),
    history: (page = 1) => ask('GET', `/v1/history?page=${page}&size=${PAGE}`),
    claim: (definition, key) => ask('POST', '/v1/benefits/claims', {definition}, key),
    ...redeemer(ask, '/v1/redemptions', () => ({})),
  };
}

export function staffClient(connection: Connection): StaffClient {
  const ask = asker(connection);
  const at = (customer: string) => `/v1/pos/customers/${encodeURIComponent(customer)}`;
  return {
    overview: (customer) => ask('GET', at(customer)),
    benefits: (customer) => ask('GET', `${at(customer)}/benefits`),
    history: (customer, page = 1) => ask('GET', `${at(customer)}/history?page=${page}&size=${PAGE}`),
    claim: (customer, definition, key, device) =>
      ask('POST', `${at(customer)}/benefits/claims`, {definition, ...(device && {device_id: device})}, key),
    lookUp: (code) => ask('POST', '/v1/pos/lookups', {code}),
    approval: (id) => ask('GET', `/v1/pos/approvals/${encodeURIComponent(id)}`),
    approve: (id) => ask('POST', `/v1/pos/approvals/${encodeURIComponent(id)}`),
    redeemer: (declared) => redeemer(ask, '/v1/pos/redemptions', declared),
  };
}

type Ask = <T>(method: string, path: string, body?: object, key?: string) => Promise<Answer<T>>;

function redeemer(ask: Ask, path: string, declared: () => object): Redeemer {
  const one = (id: string) => `${path}/${encodeURIComponent(id)}`;
  return {
    quote: (wish, cart) => {
      // A quote is no redemption: what only a redemption needs is left out.
      const {approval: _, ...said} = declared() as Partial<Declared>;
      return ask('POST', `${path}/quote`, {...wish, ...said, cart});
    },
    redeem: (wish, cart, key) => ask('POST', path, {...wish, ...declared(), ...(cart === null ? {} : {cart})}, key),
    read: (id) => ask('GET', one(id)),
    release: (id) => ask('DELETE', one(id)),
  };
}

function asker(connection: Connection): Ask {
  return async <T>(method: string, path: string, body?: object, key?: string) => {
    const first = await once<T>(connection, method, path, body, key);
    // A token may end on its way; a second one that is refused too is refused for a reason.
    return !first.ok && first.refusal.code === 'unauthenticated' ? once<T>(connection, method, path, body, key) : first;
  };
}

async function once<T>(
  {url, token: newToken, fetch, deadlineMs = DEADLINE_MS}: Connection,
  method: string,
  path: string,
  body: object | undefined,
  key: string | undefined,
): Promise<Answer<T>> {
  const changes = key !== undefined || method === 'DELETE';
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), deadlineMs);
  let sent = false;
  try {
    const token = await inTime(newToken(), stop.signal);
    if (token === undefined || token === null || token === '') return refused('no_permission');
    sent = true;
    // Called by itself: a browser's own `fetch` refuses to be another object's method.
    const response = await inTime(fetch(url + path, request(method, token, body, key, stop.signal)), stop.signal);
    const said = await readable(response, stop.signal);
    if (said === null) return {ok: false, refusal: untold(response, changes)};
    return response.ok ? {ok: true, value: said as T} : {ok: false, refusal: told(response, said, changes)};
  } catch {
    return refused(stop.signal.aborted ? 'timeout' : 'offline', changes && sent);
  } finally {
    clearTimeout(timer);
  }
}

function request(
  method: string,
  token: string,
  body: object | undefined,
  key: string | undefined,
  signal: AbortSignal,
): RequestInit {
  const headers = {
    Authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : {'Content-Type': 'application/json'}),
    ...(key === undefined ? {} : {'Idempotency-Key': key}),
  };
  return {method, signal, headers, ...(body === undefined ? {} : {body: JSON.stringify(body)})};
}

/** What the body says; null where it is no JSON object, as a page by something between us and the proxy. */
async function readable(response: Response, signal: AbortSignal): Promise<Problem | null> {
  const said: unknown = await inTime(response.json(), signal).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return null;
  });
  return typeof said === 'object' && said !== null && !Array.isArray(said) ? (said as Problem) : null;
}

type Problem = Record<string, unknown>;
const OF_EVERY_PROBLEM = new Set(['type', 'title', 'status', 'detail', 'code', 'retryable', 'instance']);

function told(response: Response, problem: Problem, changes: boolean): Refusal {
  const {code} = problem;
  if (typeof code !== 'string') return untold(response, changes);
  return {
    code,
    facts: Object.fromEntries(Object.entries(problem).filter(([name]) => !OF_EVERY_PROBLEM.has(name))),
    retryable: problem['retryable'] === true,
    retryAfterS: seconds(response),
    unknown: changes && (response.status >= 500 || code === 'in_flight' || code === 'outcome_pending'),
  };
}

/** What has no code was not said by the proxy, but by something before it: nobody knows how far the request came. */
function untold(response: Response, changes: boolean): Refusal {
  const code = response.status === 401 ? 'unauthenticated' : 'unreadable';
  return {...refused(code, changes).refusal, retryAfterS: seconds(response)};
}

function seconds(response: Response): number | null {
  const said = response.headers.get('Retry-After');
  return said !== null && /^\d{1,6}$/.test(said) ? Number(said) : null;
}

function refused(code: string, unknown = false): {ok: false; refusal: Refusal} {
  return {ok: false, refusal: {code, facts: {}, retryable: code !== 'no_permission', retryAfterS: null, unknown}};
}

/** Not every host ends its promises when a signal says so. */
function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(new Error('over'));
    signal.addEventListener('abort', () => reject(new Error('over')), {once: true});
    work.then(resolve, reject);
  });
}
