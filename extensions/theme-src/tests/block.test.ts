import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import type {Redemption} from '../../shared/src/client';
import {part, problem, settled, shown, tap, type, World} from './world';

let world: World;

beforeEach(() => {
  vi.useFakeTimers({now: new Date('2026-11-21T10:00:00Z')});
  world = new World();
});

afterEach(() => {
  for (const place of [...document.body.children]) place.remove();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('what is shown', () => {
  test('the balance, what expires next and the most that this cart can take', async () => {
    world.withActions();
    const place = await world.open();
    expect(shown(place, 'balance')).toBe('$25.00 available');
    expect(shown(place, 'notes')).toContain('$10.00 expires on');
    expect(shown(place, 'all')).toBe('Use all $25.00');
    expect(shown(place, 'loading')).toBeNull();
  });

  test('no more than the cart costs can be used', async () => {
    world.itemPrice = 1_200;
    const place = await world.open();
    expect(shown(place, 'all')).toBe('Use all $12.00');
  });

  test('while it loads there is the skeleton, and it is said to be busy', async () => {
    world.instead.push(['GET /apps/rewards/token', () => new Promise(() => undefined)]);
    const place = await world.open();
    expect(part(place, 'loading').hidden).toBe(false);
    expect(place.querySelector('rewards-balance')?.getAttribute('aria-busy')).toBe('true');
  });

  test('nothing to use yet', async () => {
    world.available = 0;
    const place = await world.open();
    expect(shown(place, 'balance')).toBe('No rewards to use yet.');
    expect(shown(place, 'form')).toBeNull();
  });

  test('an empty cart takes nothing', async () => {
    world.quantity = 0;
    const place = await world.open();
    expect(shown(place, 'form')).toBeNull();
    expect(shown(place, 'notes')).toContain('once there is something in the cart');
  });

  test('a cart in another currency takes nothing', async () => {
    world.currency = 'AUD';
    world.instead.push(['GET /cart.js', () => Response.json({...world.cart, currency: 'NZD'})]);
    const place = await world.open();
    expect(shown(place, 'form')).toBeNull();
    expect(shown(place, 'notes')).toContain('in another currency');
  });

  test('less than the least is not offered', async () => {
    world.minimum = 3_000;
    const place = await world.open();
    expect(shown(place, 'form')).toBeNull();
    expect(shown(place, 'notes')).toContain('The least that can be used is $30.00.');
  });

  test('a profile that is being made is said in one sentence', async () => {
    world.status = 'pending_profile';
    const place = await world.open();
    expect(shown(place, 'balance')).toBe('The rewards account is being set up.');
    expect(shown(place, 'form')).toBeNull();
  });

  test('what is held elsewhere is told', async () => {
    world.held = 700;
    const place = await world.open();
    expect(shown(place, 'notes')).toContain('$7.00 in use');
  });

  test('a proxy that is down is one sentence, and nothing can be tapped', async () => {
    world.instead.push(['/v1/rewards', () => new TypeError('down')]);
    const place = await world.open();
    expect(shown(place, 'said')).toBe('Rewards are unavailable for a moment.');
    for (const name of ['form', 'remove', 'offer', 'balance', 'loading']) expect(shown(place, name)).toBeNull();
  });

  test.each([
    ['of another shape', () => Response.json({status: 'active', balance: {available: 'much'}})],
    [
      'with an amount that is none',
      () => Response.json({...world.rewards, expiring_next: {amount: {}, expires_at: 'x'}}),
    ],
    ['that is no JSON', () => new Response('<html>', {status: 502})],
  ])('an answer %s is the same sentence', async (_, answer) => {
    world.instead.push(['/v1/rewards', answer]);
    const place = await world.open();
    expect(shown(place, 'said')).toBe('Rewards are unavailable for a moment.');
    expect(shown(place, 'form')).toBeNull();
  });

  test('a script that does not come is one sentence too', async () => {
    world.broken = true;
    const place = await world.open();
    expect(shown(place, 'said')).toBe('Rewards are unavailable for a moment.');
    expect(shown(place, 'loading')).toBeNull();
  });

  test('who signed out elsewhere is asked to sign in', async () => {
    world.anonymous = true;
    const place = await world.open();
    expect(shown(place, 'guest')).toBe('Sign in to use your rewards');
    expect(world.to('GET', '/v1/rewards')).toEqual([]);
  });

  test('on load nothing is held and nothing is written', async () => {
    await world.open();
    expect(world.requests.filter(({method}) => method !== 'GET')).toEqual([]);
  });

  test('amounts are written as the page does it', async () => {
    const place = await world.open({language: 'de', country: 'DE'});
    expect(shown(place, 'balance')).toBe('25,00\u00a0AU$ verfügbar');
  });
});

describe('apply', () => {
  test('a part of the balance comes off, and the theme is told', async () => {
    const {updates} = world.withActions();
    const place = await world.open();
    await type(place, '12.50');
    expect(shown(place, 'said')).toBe('$12.50 of rewards applied.');
    expect(updates).toEqual([['OURS-1']]);
    expect(shown(place, 'form')).toBeNull();
    expect(shown(place, 'remove')).toBe('Remove');
    expect(shown(place, 'balance')).toBe('$12.50 available');
    expect(world.reload).not.toHaveBeenCalled();
  });

  test('all of it comes off at one tap', async () => {
    world.withActions();
    const place = await world.open();
    await tap(place, 'all');
    expect(world.to('POST', '/v1/redemptions')[0]?.body).toEqual({
      amount: {amount: '25.00', currencyCode: 'AUD'},
      cart: 'cart-1',
    });
    expect(shown(place, 'said')).toBe('$25.00 of rewards applied.');
  });

  test('the cart is quoted in units before discounts, with the codes on it', async () => {
    world.codes = ['WELCOME'];
    world.withActions();
    await type(await world.open(), '5');
    expect(world.to('POST', '/v1/redemptions/quote')[0]?.body['cart']).toEqual({
      token: 'cart-1',
      lines: [
        {
          product_id: '40101',
          variant_id: '50101',
          quantity: 1,
          price: {amount: '100.00', currencyCode: 'AUD'},
          gift_card: false,
        },
      ],
      codes: ['WELCOME'],
    });
  });

  test('other codes stay, in their order', async () => {
    world.codes = ['WELCOME', 'EXPIRED'];
    const {updates} = world.withActions();
    const place = await world.open();
    await tap(place, 'all');
    await tap(place, 'remove');
    expect(updates).toEqual([
      ['WELCOME', 'EXPIRED', 'OURS-1'],
      ['WELCOME', 'EXPIRED'],
    ]);
  });

  test('without the standard actions the Ajax API is used, and the page loaded again', async () => {
    world.codes = ['WELCOME'];
    await tap(await world.open(), 'all');
    expect(world.to('POST', '/cart/update.js').map(({body}) => body)).toEqual([{discount: 'WELCOME,OURS-1'}]);
    expect(world.reload).toHaveBeenCalledTimes(1);
  });

  test('an action that cannot run is made up for by the Ajax API', async () => {
    Object.assign(window, {Shopify: {actions: {updateCart: () => Promise.reject(new Error('broken theme'))}}});
    const place = await world.open();
    await tap(place, 'all');
    expect(world.codes).toEqual(['OURS-1']);
    expect(shown(place, 'said')).toBe('$25.00 of rewards applied.');
  });

  test('what the cart refuses is given free, and Shopify’s own words are not shown', async () => {
    world.withActions(() => true);
    const place = await world.open();
    await tap(place, 'all');
    expect(shown(place, 'said')).toContain('could not be added to the cart');
    expect(place.textContent).not.toContain('developers');
    expect(world.live).toEqual([]);
    expect(shown(place, 'balance')).toBe('$25.00 available');
    expect(shown(place, 'form')).not.toBeNull();
  });

  test.each([
    ['a code that does not apply', () => (world.accepts = false)],
    ['a code that applies and takes nothing off', () => (world.counts = false)],
  ])('%s is taken off again and given free', async (_, arrange) => {
    arrange();
    world.withActions();
    const place = await world.open();
    await tap(place, 'all');
    expect(shown(place, 'said')).toContain('took nothing off this cart');
    expect(world.codes).toEqual([]);
    expect(world.live).toEqual([]);
  });

  test('two taps are one', async () => {
    world.withActions();
    const place = await world.open();
    part(place, 'all').click();
    part(place, 'all').click();
    await settled();
    expect(world.to('POST', '/v1/redemptions')).toHaveLength(1);
  });

  test('the enter key applies, and does not send the cart’s form', async () => {
    world.withActions();
    const place = await world.open();
    const amount = part(place, 'amount') as HTMLInputElement;
    amount.value = '5';
    const enter = new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true});
    amount.dispatchEvent(enter);
    await settled();
    expect(enter.defaultPrevented).toBe(true);
    expect(shown(place, 'said')).toBe('$5.00 of rewards applied.');
  });

  test.each(['', 'ten', '0', '1,250.00', '5.001', '1,200', '-5', '1e1', '1 2'])('"%s" is no amount, and nothing is asked', async (text) => {
    const place = await world.open();
    await type(place, text);
    expect(shown(place, 'said')).toBe('Please enter an amount.');
    expect(part(place, 'amount').getAttribute('aria-invalid')).toBe('true');
    expect(world.to('POST', '/v1/redemptions')).toEqual([]);
  });

  test.each(['$12.50', '12,50 AUD', ' A$ 12.50 '])('"%s" is an amount with its currency', async (text) => {
    const place = await world.open();
    await type(place, text);
    expect(world.to('POST', '/v1/redemptions')[0]?.body).toMatchObject({amount: {amount: '12.50'}});
  });

  test('a comma is as good as a point', async () => {
    world.withActions();
    const place = await world.open({language: 'de', country: 'DE'});
    await type(place, '12,50');
    expect(world.to('POST', '/v1/redemptions')[0]?.body['amount']).toEqual({amount: '12.50', currencyCode: 'AUD'});
  });

  test('yen have no decimals on the wire, and two in the cart', async () => {
    world.currency = 'JPY';
    world.available = 3_000;
    world.itemPrice = 500_000;
    const place = await world.open({language: 'ja', country: 'JP', currency: 'JPY'});
    expect(shown(place, 'all')).toBe('すべて利用する（￥3,000）');
  });
});

describe('a refusal', () => {
  test('is told with the numbers behind it', async () => {
    world.withActions();
    const available = {amount: '3.00', currencyCode: 'AUD'};
    world.instead.push(['POST https', () => Response.json({verdicts: []})]);
    world.instead.push(['POST https', () => problem('insufficient_balance', 409, {available})]);
    const place = await world.open();
    await tap(place, 'all');
    expect(shown(place, 'said')).toBe('There is not that much left. $3.00 can be used.');
    expect(shown(place, 'offer')).toBeNull();
  });

  test('held at another cart can be used here instead, under a new key', async () => {
    world.withActions();
    world.instead.push(['POST https', () => Response.json({verdicts: []})]);
    world.instead.push(['POST https', () => problem('held_elsewhere', 409, {surface: 'pos'})]);
    const place = await world.open();
    await tap(place, 'all');
    expect(shown(place, 'offer')).toBe('Use here instead');
    await tap(place, 'offer');
    const [first, second] = world.to('POST', '/v1/redemptions');
    expect(second?.body['take_over']).toBe(true);
    expect(second?.headers.get('Idempotency-Key')).not.toBe(first?.headers.get('Idempotency-Key'));
    expect(shown(place, 'said')).toBe('$25.00 of rewards applied.');
  });

  test('a dropped answer is asked for again by the same key, and spends once', async () => {
    world.withActions();
    const drop = (request: Parameters<World['redeem']>[0]) => {
      world.redeem(request);
      return new TypeError('cut');
    };
    world.instead.push(['POST https', () => Response.json({verdicts: []})]);
    world.instead.push(['POST https', drop]);
    const place = await world.open();
    await tap(place, 'all');
    expect(shown(place, 'offer')).toBe('Try again');
    await tap(place, 'offer');
    const keys = world.to('POST', '/v1/redemptions').map(({headers}) => headers.get('Idempotency-Key'));
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    expect(world.redemptions).toHaveLength(1);
    expect(shown(place, 'said')).toBe('$25.00 of rewards applied.');
  });

  test('an answer that never came is asked for by the same key after a reload too', async () => {
    world.withActions();
    world.instead.push(['POST https', () => Response.json({verdicts: []})]);
    world.instead.push(['POST https', () => new TypeError('cut')]);
    await tap(await world.open(), 'all');
    const place = await world.reopen();
    await tap(place, 'all');
    const keys = world.to('POST', '/v1/redemptions').map(({headers}) => headers.get('Idempotency-Key'));
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  test('a refused token is asked for anew, once', async () => {
    world.instead.push(['/v1/rewards', () => problem('unauthenticated', 401)]);
    const place = await world.open();
    expect(shown(place, 'balance')).toBe('$25.00 available');
    const sent = world.to('GET', '/v1/rewards').map(({headers}) => headers.get('Authorization'));
    expect(sent).toEqual(['Bearer token-1', 'Bearer token-2']);
  });
});

describe('what is on the cart', () => {
  test('is found after a reload, with nothing redeemed anew', async () => {
    world.withActions();
    await tap(await world.open(), 'all');
    const place = await world.reopen();
    expect(shown(place, 'said')).toBe('$25.00 of rewards applied.');
    expect(shown(place, 'remove')).toBe('Remove');
    expect(world.to('POST', '/v1/redemptions')).toHaveLength(1);
  });

  test('remove takes it off and gives it free', async () => {
    world.withActions();
    const place = await world.open();
    await tap(place, 'all');
    await tap(place, 'remove');
    expect(shown(place, 'said')).toBe('The rewards were removed.');
    expect(world.live).toEqual([]);
    expect(shown(place, 'balance')).toBe('$25.00 available');
  });

  test('taken off elsewhere on the page it is given free', async () => {
    world.withActions();
    const place = await world.open();
    await tap(place, 'all');
    world.codes = [];
    document.dispatchEvent(new Event('shopify:cart:discount-update'));
    await settled();
    expect(world.live).toEqual([]);
    expect(shown(place, 'form')).not.toBeNull();
  });

  test('a change of the cart is read when it is done, and the amount follows', async () => {
    world.withActions();
    const place = await world.open();
    await tap(place, 'all');
    let done: () => void = () => undefined;
    const promise = new Promise<void>((resolve) => (done = resolve));
    const before = world.to('GET', '/cart.js').length;
    document.dispatchEvent(Object.assign(new Event('shopify:cart:lines-update'), {promise}));
    await settled();
    expect(world.to('GET', '/cart.js')).toHaveLength(before);
    world.itemPrice = 1_000;
    done();
    await settled();
    expect(shown(place, 'said')).toBe('$10.00 of rewards applied.');
  });

  test('rewards that take nothing off any more stay, and that is said', async () => {
    world.withActions();
    const place = await world.open();
    await tap(place, 'all');
    world.counts = false;
    document.dispatchEvent(new Event('shopify:cart:lines-update'));
    await settled();
    expect(shown(place, 'said')).toContain('take nothing off it at the moment');
    expect(world.live).toHaveLength(1);
  });

  test('a code that ends while the page is open is taken off, and applied again under a new key', async () => {
    world.expiresAt = new Date(Date.now() + 60_000).toISOString();
    world.withActions();
    const place = await world.open();
    await tap(place, 'all');
    await settled(61_000);
    expect(shown(place, 'said')).toContain('The time for these rewards was up');
    expect(world.codes).toEqual([]);
    expect(world.to('POST', '/v1/redemptions')).toHaveLength(1);
    expect(world.live).toEqual([]);
    world.expiresAt = new Date(Date.now() + 60_000).toISOString();
    expect(shown(place, 'offer')).toBe('Try again');
    await tap(place, 'offer');
    expect(shown(place, 'said')).toBe('$25.00 of rewards applied.');
    const keys = world.to('POST', '/v1/redemptions').map(({headers}) => headers.get('Idempotency-Key'));
    expect(new Set(keys).size).toBe(2);
  });
});

describe('an open redemption that is not on the cart', () => {
  test('is offered, and put on the cart at a tap without another one', async () => {
    world.withActions();
    await tap(await world.open(), 'all');
    world.codes = [];
    const place = await world.reopen();
    expect(shown(place, 'notes')).toContain('$25.00 in use');
    expect(shown(place, 'offer')).toBe('Use here instead');
    await tap(place, 'offer');
    expect(shown(place, 'said')).toBe('$25.00 of rewards applied.');
    expect(world.to('POST', '/v1/redemptions')).toHaveLength(1);
  });

  test('of a till stays at the till', async () => {
    world.withActions();
    await tap(await world.open(), 'all');
    world.codes = [];
    world.redemptions[0] = {...(world.redemptions[0] as Redemption), surface: 'pos'};
    expect(shown(await world.reopen(), 'offer')).toBeNull();
  });
});

describe('benefits', () => {
  const benefit = (id: number, kind: string, more: object = {}) => ({
    id,
    name: `Benefit ${id}`,
    applicable: true,
    reason: null,
    expires_at: null,
    effect: {kind, percent: '10', amount: {amount: '5.00', currencyCode: 'AUD'}, on: 'order'},
    ...more,
  });
  const rows = (place: ParentNode) => [...place.querySelectorAll('[data-benefit]')];
  const row = (place: ParentNode, id: number) => place.querySelector(`[data-benefit="${id}"]`) as HTMLElement;

  test('say what they give, and those that cannot be used say why', async () => {
    world.benefits = [benefit(7, 'percentage'), benefit(8, 'amount', {applicable: false, reason: 'other_surface'})];
    const place = await world.open();
    expect(rows(place)).toHaveLength(2);
    expect(shown(row(place, 7), 'about')).toBe('10% off');
    expect(part(row(place, 7), 'apply').getAttribute('aria-label')).toBe('Apply: Benefit 7');
    expect(shown(row(place, 8), 'about')).toBe('$5.00 off · Not usable here, but elsewhere with us.');
    expect(shown(row(place, 8), 'apply')).toBeNull();
  });

  test('none is no heading either', async () => {
    const place = await world.open();
    expect(part(place, 'benefits').hidden).toBe(true);
  });

  test('one is applied beside the amount, and taken off without it', async () => {
    world.benefits = [benefit(7, 'free_shipping')];
    const {updates} = world.withActions();
    const place = await world.open();
    await tap(place, 'all');
    await tap(row(place, 7), 'apply');
    expect(shown(row(place, 7), 'said')).toBe('Benefit 7 applied.');
    expect(shown(place, 'said')).toBe('$25.00 of rewards applied.');
    await tap(row(place, 7), 'remove');
    expect(updates.at(-1)).toEqual(['OURS-1']);
    expect(shown(place, 'said')).toBe('$25.00 of rewards applied.');
  });

  test('one whose code does not apply is taken off and given free', async () => {
    world.benefits = [benefit(7, 'free_shipping')];
    world.accepts = false;
    world.withActions();
    const place = await world.open();
    await tap(row(place, 7), 'apply');
    expect(shown(row(place, 7), 'said')).toContain('took nothing off this cart');
    expect(world.codes).toEqual([]);
    expect(world.live).toEqual([]);
  });

  test('one that is handed over in the shop goes with the cart as an attribute, and leaves with it', async () => {
    world.benefits = [benefit(9, 'record')];
    world.attributes = {gift: 'yes'};
    const {updates} = world.withActions();
    const place = await world.open();
    await tap(row(place, 9), 'apply');
    expect(world.attributes).toEqual({gift: 'yes', _redemption_1: 'r'});
    expect(shown(row(place, 9), 'said')).toBe('Benefit 9 applied.');
    expect(shown(row(await world.reopen(), 9), 'said')).toBe('Benefit 9 applied.');
    await tap(row(document, 9), 'remove');
    expect(world.attributes).toEqual({gift: 'yes'});
    expect(updates).toEqual([]);
  });

  test('a list that does not come leaves the balance', async () => {
    world.instead.push(['/v1/benefits', () => new TypeError('down')]);
    const place = await world.open();
    expect(shown(place, 'balance')).toBe('$25.00 available');
  });
});

describe('several blocks', () => {
  test('ask once and say the same', async () => {
    world.withActions();
    const first = await world.open();
    const second = await world.open({}, 'reward-embed');
    expect(world.to('GET', '/v1/rewards')).toHaveLength(1);
    await tap(second, 'all');
    for (const place of [first, second]) expect(shown(place, 'said')).toBe('$25.00 of rewards applied.');
    expect(world.to('POST', '/v1/redemptions')).toHaveLength(1);
  });

  test('a block that is taken out of the page leaves nothing behind', async () => {
    world.withActions();
    const place = await world.open();
    place.remove();
    const before = world.requests.length;
    document.dispatchEvent(new Event('shopify:cart:lines-update'));
    await settled(60_000);
    expect(world.requests).toHaveLength(before);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a block that is put back by the theme editor is alive again', async () => {
    world.withActions();
    const place = await world.open();
    place.remove();
    document.body.append(place);
    await settled();
    await tap(place, 'all');
    expect(shown(place, 'said')).toBe('$25.00 of rewards applied.');
  });
});

test('the focus stays in the block when the tapped button goes', async () => {
  world.withActions();
  const place = await world.open();
  part(place, 'all').focus();
  await tap(place, 'all');
  expect(document.activeElement).toBe(part(place, 'said'));
});

test('the token is kept in memory only, and renewed before its end', async () => {
  world.withActions();
  const place = await world.open();
  expect(JSON.stringify({...sessionStorage, ...localStorage})).not.toContain('token-');
  await settled(880_000);
  await tap(place, 'all');
  expect(world.to('POST', '/v1/redemptions')[0]?.headers.get('Authorization')).toBe('Bearer token-2');
});
