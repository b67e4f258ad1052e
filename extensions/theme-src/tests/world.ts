/** A storefront with a cart, and a proxy behind it, as far as a block can tell: both answer `fetch`. */
import {vi} from 'vitest';
import type {Redemption} from '../../shared/src/client';
import {PROXY_URL} from '../../shared/src/config';
import {money, wire} from '../../shared/src/money';
import {rewardsBalance} from '../src/element';
import {Session} from '../src/session';
import {renderBlock, type Storefront} from '../../tools/render-block.mjs';

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

type Reply = Response | Error;

type MoneyOut = NonNullable<Redemption['amount']>;

const WELCOME_OFF = 500;
let session: Promise<Session> | null = null;
let world: World;

customElements.define(
  'rewards-balance',
  rewardsBalance((page, token) => {
    if (world.broken) return Promise.reject(new Error('no script'));
    return (session ??= Promise.resolve(new Session({...page, reload: world.reload}, token)));
  }),
);

export class World {
  currency = 'AUD';
  available = 2_500;
  held = 0;
  minimum = 1;
  status: 'active' | 'pending_profile' = 'active';
  anonymous = false;
  /** The second asset does not come. */
  broken = false;
  /** Whether Shopify finds our code good for this cart, and whether it takes anything off. */
  accepts = true;
  counts = true;
  codes: string[] = [];
  attributes: Record<string, string> = {};
  itemPrice = 10_000;
  quantity = 1;
  benefits: object[] = [];
  readonly redemptions: Redemption[] = [];
  readonly requests: Request[] = [];
  readonly reload = vi.fn();
  /** What is answered instead, by a part of the address; asked once each. */
  readonly instead: [string, (request: Request) => Reply | Promise<Reply>][] = [];
  expiry = 0;
  tokens = 0;
  expiresAt = new Date(Date.now() + 1_800_000).toISOString();

  constructor() {
    world = this;
    session = null;
    document.body.innerHTML = '';
    sessionStorage.clear();
    vi.stubGlobal('fetch', (url: string, init: RequestInit = {}) => this.#answer(url, init));
    delete (window as {Shopify?: unknown}).Shopify;
  }

  /** Puts Shopify's standard actions on the page, which tell the theme of every change. */
  withActions(refuse: () => boolean = () => false): {updates: string[][]} {
    const updates: string[][] = [];
    const updateCart = async ({discountCodes}: {discountCodes: string[]}) => {
      updates.push(discountCodes);
      if (refuse()) return {userErrors: [{message: 'Shopify says no, in words for developers'}]};
      this.codes = discountCodes;
      return {cart: {}};
    };
    Object.assign(window, {Shopify: {routes: {root: '/'}, actions: {updateCart}}});
    return {updates};
  }

  /** Shows the page with a block on it, and waits for the rewards. */
  async open(storefront: Storefront = {}, block = 'reward-balance'): Promise<HTMLElement> {
    const place = document.createElement('div');
    place.innerHTML = renderBlock(block, {customer: true, ...storefront});
    document.body.append(place);
    await settled();
    return place;
  }

  /** The page is loaded again: only what is on the servers and in the tab's storage is left. */
  async reopen(): Promise<HTMLElement> {
    for (const place of [...document.body.children]) place.remove();
    session = null;
    return this.open();
  }

  to(method: string, path: string): Request[] {
    return this.requests.filter((each) => each.method === method && each.url.endsWith(path));
  }

  get live(): Redemption[] {
    return this.redemptions.filter(({state}) => state === 'issued');
  }

  async #answer(url: string, init: RequestInit): Promise<Response> {
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as Record<string, unknown>) : {};
    const request = {method: init.method ?? 'GET', url, headers: new Headers(init.headers), body};
    this.requests.push(request);
    const at = this.instead.findIndex(([part]) => `${request.method} ${url}`.includes(part));
    const found = at < 0 ? undefined : this.instead.splice(at, 1)[0];
    const reply = found === undefined ? this.#route(request) : await found[1](request);
    if (reply instanceof Error) throw reply;
    return reply;
  }

  #route(request: Request): Response {
    const {method, url, body} = request;
    if (url === '/apps/rewards/token') return this.#token();
    if (url.endsWith('/cart.js')) return json(this.cart);
    if (url.endsWith('/cart/update.js')) {
      if (typeof body['discount'] === 'string') this.codes = body['discount'].split(',').filter((code) => code !== '');
      Object.assign(this.attributes, body['attributes']);
      for (const [key, value] of Object.entries(this.attributes)) if (value === '') delete this.attributes[key];
      return json(this.cart);
    }
    if (url === `${PROXY_URL}/v1/rewards`) return json(this.rewards);
    if (url === `${PROXY_URL}/v1/benefits`) return json({status: 'active', benefits: this.benefits, claimable: []});
    if (url === `${PROXY_URL}/v1/redemptions/quote`) return json({verdicts: []});
    if (url === `${PROXY_URL}/v1/redemptions`) return this.redeem(request);
    if (method === 'DELETE') return this.#release(url.slice(url.lastIndexOf('/') + 1));
    return new Response('', {status: 404});
  }

  #token(): Response {
    this.tokens += 1;
    const expiry = Math.floor(Date.now() / 1000) + 900;
    const anon = {headers: {'x-omneo-is-anon': String(this.anonymous)}};
    return Response.json({token: `token-${this.tokens}`, expiry}, anon);
  }

  redeem({headers, body}: Request): Response {
    const key = headers.get('Idempotency-Key') ?? '';
    const earlier = this.redemptions.find(({id}) => id === `r-${key}`);
    if (earlier !== undefined) return json(earlier, 201);
    // On the same cart another amount takes the place of the one before.
    if ('amount' in body) for (const {id, benefit} of this.live) if (benefit === null) this.#release(id);
    const amount = (body['amount'] as MoneyOut | undefined) ?? null;
    this.#hold(amount, 1);
    const wanted = body['benefit'] as {id: number; uses: number} | undefined;
    const record = wanted !== undefined && this.benefits.some((each) => isRecord(each, wanted.id));
    const redemption: Redemption = {
      id: `r-${key}`,
      state: 'issued',
      amount,
      captured: null,
      benefit: wanted === undefined ? null : {...wanted, handle: '', gives: '', captured: 0, returned: 0},
      code: record ? null : `OURS-${this.redemptions.length + 1}`,
      cart_attribute: record ? {key: '_redemption_1', value: 'r'} : null,
      surface: 'storefront',
      created_at: new Date().toISOString(),
      expires_at: this.expiresAt,
      reason: null,
      order_id: null,
      history: null,
    };
    this.redemptions.push(redemption);
    return json(redemption, 201);
  }

  #hold(amount: MoneyOut | null, sign: 1 | -1): void {
    const minor = amount === null ? 0 : money(amount).minor * sign;
    this.available -= minor;
    this.held += minor;
  }

  #release(id: string): Response {
    const at = this.redemptions.findIndex((each) => each.id === id);
    const redemption = this.redemptions[at];
    if (redemption === undefined) return json({code: 'not_found', retryable: false}, 404);
    if (redemption.state === 'issued') this.#hold(redemption.amount, -1);
    this.redemptions[at] = {...redemption, state: 'releasing'};
    return json(this.redemptions[at]);
  }

  get rewards(): object {
    const {currency} = this;
    const amount = (minor: number) => wire({minor, currency});
    const policy = {minimum: amount(this.minimum), minimum_spend: null};
    const nothing = {balance: null, rewards: [], redemptions: []};
    if (this.status === 'pending_profile') return {status: this.status, policy, ...nothing};
    return {
      status: 'active',
      balance: {available: amount(this.available), held: amount(this.held), total: amount(this.available + this.held)},
      rewards: [],
      expiring_next: {amount: amount(1_000), expires_at: '2027-01-31T00:00:00Z'},
      policy,
      redemption: this.live.find(({benefit}) => benefit === null) ?? null,
      redemptions: this.live,
      stale: false,
      as_of: null,
    };
  }

  get cart(): object {
    const total = this.itemPrice * this.quantity;
    const ours = this.live.find(({amount, code}) => amount !== null && this.codes.includes(code ?? ''));
    const off = ours?.amount && this.accepts && this.counts ? Math.min(total, money(ours.amount).minor) : 0;
    const welcome = this.codes.includes('WELCOME') ? WELCOME_OFF : 0;
    return {
      token: 'cart-1?key=abc',
      currency: this.currency,
      total_price: total - off - welcome,
      attributes: this.attributes,
      items: total === 0 ? [] : [this.#item(welcome)],
      discount_codes: this.codes.map((code) => ({
        code,
        applicable: code === 'WELCOME' || (this.accepts && this.live.some((each) => each.code === code)),
      })),
      cart_level_discount_applications: off > 0 ? [{title: ours?.code, total_allocated_amount: off}] : [],
    };
  }

  #item(welcome: number): object {
    const allocation = {amount: welcome, discount_application: {title: 'WELCOME'}};
    return {
      product_id: 40101,
      variant_id: 50101,
      quantity: this.quantity,
      original_price: this.itemPrice,
      gift_card: false,
      line_level_discount_allocations: welcome > 0 ? [allocation] : [],
    };
  }
}

export function problem(code: string, status: number, more: object = {}): Response {
  return Response.json({type: 'about:blank', title: '', status, code, retryable: false, ...more}, {status});
}

function isRecord(benefit: object, id: number): boolean {
  const {id: own, effect} = benefit as {id: number; effect: {kind: string}};
  return own === id && effect.kind === 'record';
}

function json(value: object, status = 200): Response {
  return Response.json(value, {status});
}

/** Lets everything come to its end that waits for less than two seconds. */
export async function settled(ms = 2_000): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

export function part(place: ParentNode, name: string): HTMLElement {
  const found = place.querySelector<HTMLElement>(`[data-part="${name}"]`);
  if (found === null) throw new Error(`no part ${name}`);
  return found;
}

export function shown(place: ParentNode, name: string): string | null {
  const found = part(place, name);
  return found.hidden ? null : (found.textContent ?? '').trim();
}

export async function type(place: ParentNode, amount: string): Promise<void> {
  (part(place, 'amount') as HTMLInputElement).value = amount;
  part(place, 'apply').click();
  await settled();
}

export async function tap(place: ParentNode, name: string): Promise<void> {
  part(place, name).click();
  await settled();
}
