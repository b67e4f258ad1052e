/// <reference types="@shopify/ui-extensions/pos.home.modal.render" />
import {getExtension} from '@shopify/ui-extensions-tester';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {overview, money, redemption} from '../../pos-shared/tests/samples';
import {button, close, seen, sees, tap, type} from '../../pos-shared/tests/screen';
import {standInTill, type TillState} from '../../pos-shared/tests/stand_in_till';
import {strangers} from '../../test-support/src/components';
import {json, problem, type ProxyStandIn} from '../../test-support/src/proxy';
import {answering, CUSTOMER} from './customer';

const TARGET = 'pos.home.modal.render';
const extension = getExtension(TARGET);
let till: TillState;
let proxy: ProxyStandIn;

beforeEach(() => {
  extension.setUp();
  till = standInTill();
  proxy = answering();
  extension.fetch = proxy.fetch;
});

afterEach(() => {
  expect(strangers(TARGET)).toEqual([]);
  close();
  extension.tearDown();
});

test('a customer at a glance: name, tier, what is left to the next, balance, expiring, benefits', async () => {
  await extension.render();
  await sees('Ada Byron');
  for (const text of [
    'A$25.00 available',
    'A$5.00 expires on Dec 1, 2026',
    'Tier: Gold',
    '40 more to reach Platinum',
    'Member since Feb 1, 2024',
    '2 benefits to use',
  ])
    expect(seen()).toContain(text);
});

test('what is set aside is told with its end, and a part that could not be read is said', async () => {
  proxy.on(CUSTOMER, () =>
    json(
      overview({
        redemptions: [redemption({expires_at: '2026-11-21T10:15:00Z'})],
        balance: null,
        tier: null,
        missing: ['balance', 'tier'],
      }),
    ),
  );
  await extension.render();
  await sees(/A\$10\.00 until Nov 21, 2026, 10:15/);
  expect(seen()).toContain('Not everything could be read just now.');
});

test('one who is typed in comes onto the cart, and can be taken off it for the next', async () => {
  till.setCustomer(null);
  proxy.on('POST /v1/pos/lookups', () => json({status: 'active', customer_id: '7', profile: null}));
  await extension.render();
  await type('Member code', ' M-1001 ');
  await tap('Find');
  await sees('Ada Byron');
  expect(proxy.asked[0]?.body).toEqual({code: 'M-1001'});
  await tap('Take off the cart and find another');
  await sees('Find the customer');
  expect(till.calls).toEqual(['setCustomer 7', 'removeCustomer']);
});

test.each([
  ['no_customer', () => json({status: 'no_customer', customer_id: null, profile: null}), 'This member cannot be added'],
  ['a shop without lookups', () => problem(404, 'not_found'), 'Looking up codes is not set up'],
  ['too many', () => problem(429, 'rate_limited', {}, {retryable: true, retryAfterS: 3}), 'That was too often'],
  ['a lost answer', () => Promise.reject(new TypeError('gone')), 'Rewards need a connection'],
])('a lookup that ends in %s is explained, and the cart stays', async (_, answer, text) => {
  till.setCustomer(null);
  proxy.on('POST /v1/pos/lookups', answer);
  await extension.render();
  await type('Member code', 'M-1');
  await tap('Find');
  await sees(text);
  expect(till.calls).toEqual([]);
});

test('a till that does not take the customer says so', async () => {
  till.setCustomer(null);
  proxy.on('POST /v1/pos/lookups', () => json({status: 'active', customer_id: '7', profile: null}));
  Object.assign((globalThis as unknown as {shopify: {cart: object}}).shopify.cart, {
    setCustomer: () => Promise.reject(new Error('no')),
  });
  await extension.render();
  await type('Member code', 'M-1');
  await tap('Find');
  await sees('The customer on the cart could not be changed.');
});

test('on the cart of a return nobody is put or taken off', async () => {
  till.cart.value = {...till.cart.value, editable: false};
  await extension.render();
  await sees('Ada Byron');
  expect(button('Take off the cart and find another')).toBeNull();
});

test('a read that went wrong can be tried again', async () => {
  proxy.on(CUSTOMER, (_, nth) =>
    nth === 1 ? problem(503, 'upstream_unavailable', {}, {retryable: true}) : json(overview()),
  );
  await extension.render();
  await tap('Try again');
  await sees('Ada Byron');
});

test('offline what was last known is shown with its time, and a name is not kept', async () => {
  await extension.render();
  await sees('Ada Byron');
  await till.storage.get('last_known').then((kept) => expect(JSON.stringify(kept)).not.toContain('Ada'));
  close();
  till.connected.value = {internetConnected: 'Disconnected'};
  await extension.render();
  await sees('Rewards need a connection');
  await sees('A$25.00 available');
  expect(seen()).toContain('Last known, as of Nov 21, 2026');
});

test('old figures are called old', async () => {
  proxy.on(CUSTOMER, () => json(overview({stale: true})));
  await extension.render();
  await sees('Last known, as of Nov 21, 2026');
});

test.each([
  ['pending_profile', 'The rewards account is being set up.'],
  ['profile_deleted', 'This customer no longer has a rewards account.'],
  ['profile_inactive', 'The rewards account is not active.'],
] as const)('a status of %s is said', async (status, text) => {
  proxy.on(CUSTOMER, () => json(overview({status})));
  await extension.render();
  await sees(text);
});

test('a balance in yen has no decimals', async () => {
  const yen = {available: money('2500', 'JPY'), held: money('0', 'JPY'), total: money('2500', 'JPY')};
  proxy.on(CUSTOMER, () => json(overview({balance: yen})));
  await extension.render();
  await sees('¥2,500 available');
});
