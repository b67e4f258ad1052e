/// <reference types="@shopify/ui-extensions/pos.home.modal.render" />
import {waitFor} from '@testing-library/preact';
import {expect, test, vi} from 'vitest';
import {against, money, overview, quote} from '../../pos-shared/tests/samples';
import {button, disabled, sees, tap, type} from '../../pos-shared/tests/screen';
import {json, problem} from '../../test-support/src/proxy';
import {CUSTOMER, QUOTE, REDEEM, extension, proxy, redeemTen, till} from './redeeming';

test('an amount goes onto the cart by its code, is named on it, and declares where and by whom', async () => {
  await redeemTen();
  await sees('A$10.00 of rewards applied.');
  expect(till.cart.value.grandTotal).toBe('30.00');
  expect(till.cart.value.properties).toMatchObject({_redemption_12345678: 'red_aaaaaaaaaaaa12345678'});
  const asked = proxy.asked.find(({route}) => route === REDEEM);
  expect(asked?.body).toEqual({
    amount: money('10.00'),
    customer_id: '7',
    location_id: '21',
    staff_id: '31',
    device_id: '41',
    cart: till.cart.value.properties['_rewards_cart'],
  });
  expect(asked?.headers['idempotency-key']).toBeTruthy();
});

test('a quote says the cart as it is', async () => {
  await extension.render();
  await waitFor(() => expect(proxy.times(QUOTE)).toBe(1));
  expect(proxy.asked.find(({route}) => route === QUOTE)?.body).toMatchObject({
    customer_id: '7',
    location_id: '21',
    cart: {
      lines: [{product_id: '11', variant_id: '12', quantity: 1, price: money('40.00'), gift_card: false}],
      codes: [],
    },
  });
});

test('without a customer it asks for one, and a code that is found puts them on the cart', async () => {
  till.setCustomer(null);
  proxy.on('POST /v1/pos/lookups', () =>
    json({status: 'active', customer_id: 'gid://shopify/Customer/7', profile: null}),
  );
  await extension.render();
  await sees('Find the customer');
  await type('Member code', 'M-1001');
  await tap('Find');
  await sees('A$25.00 available');
  expect(till.calls).toContain('setCustomer 7');
});

test('a scanned code is looked up, and one that nobody has is said', async () => {
  till.setCustomer(null);
  proxy.on('POST /v1/pos/lookups', () => json({status: 'profile_unknown', customer_id: null, profile: null}));
  await extension.render();
  till.scanned.value = {data: 'M-9'};
  await sees('Nobody carries that code.');
  expect(proxy.asked[0]?.body).toEqual({code: 'M-9'});
});

test('a scan of before is not looked up again', async () => {
  till.setCustomer(null);
  till.scanned.value = {data: 'M-1'};
  await extension.render();
  await sees('Find the customer');
  await vi.advanceTimersByTimeAsync(100);
  expect(proxy.asked).toEqual([]);
});

test('without a balance there is nothing to type', async () => {
  proxy.on(CUSTOMER, () =>
    json(overview({balance: {available: money('0.00'), held: money('0.00'), total: money('0.00')}})),
  );
  await extension.render();
  await sees('No rewards to use yet.');
  expect(document.querySelector('s-number-field')).toBeNull();
});

test('offline it says so, shows what was last known, and redeems nothing', async () => {
  await till.storage.set('last_known', [{customer: '7', available: money('25.00'), asOf: '2026-11-20T10:00:00Z'}]);
  till.connected.value = {internetConnected: 'Disconnected'};
  await extension.render();
  await sees('Rewards need a connection');
  await sees(/Last known, as of Nov 20, 2026/);
  await sees('A$25.00 available');
  expect(proxy.asked).toEqual([]);
  expect(document.querySelector('s-number-field')).toBeNull();
});

test('the connection that goes away refuses a tap without asking anybody, and coming back reads again', async () => {
  await extension.render();
  await type('Amount', '10');
  till.connected.value = {internetConnected: 'Disconnected'};
  await tap('Apply A$10.00');
  await sees('Rewards need a connection');
  expect(proxy.times(REDEEM)).toBe(0);
});

test('a login that may not use the app is told so, and nothing is asked', async () => {
  till.token = async () => undefined;
  await extension.render();
  await sees('This login may not use the rewards app');
  expect(proxy.asked).toEqual([]);
  expect(button('Try again')).toBeNull();
});

test.each([
  ['401', () => problem(401, 'unauthenticated'), 'The session has ended'],
  ['403', () => problem(403, 'login_required'), 'Sign in to use rewards.'],
  ['429', () => problem(429, 'rate_limited', {}, {retryable: true, retryAfterS: 7}), 'That was too often'],
  ['503', () => problem(503, 'upstream_unavailable', {}, {retryable: true}), 'Rewards are unavailable'],
  ['a page by something between', () => new Response('<html>', {status: 502}), 'Rewards could not be reached'],
  ['no connection', () => Promise.reject(new TypeError('gone')), 'Rewards need a connection'],
  ['an unknown code', () => problem(418, 'teapot'), 'That did not work'],
])('a customer that cannot be read for %s is explained', async (_, answer, text) => {
  proxy.on(CUSTOMER, answer);
  await extension.render();
  await sees(text);
  expect(document.querySelector('s-number-field')).toBeNull();
});

test('an answer of another shape than the contract says is no error page', async () => {
  proxy.on(CUSTOMER, () => json({hello: 'there'}));
  await extension.render();
  await sees('Rewards could not be reached.');
});

test.each([
  [409, 'insufficient_balance', {available: money('4.00')}, 'There is not that much left. A$4.00 can be used.'],
  [422, 'below_minimum', {minimum: money('15.00')}, 'The least that can be used is A$15.00.'],
  [
    409,
    'staff_limit_reached',
    {whose: 'login', limit: money('50.00'), left: money('1.00'), within_h: 24},
    'A$1.00 is left.',
  ],
  [429, 'rate_limited', {}, 'That was too often'],
  [503, 'upstream_unavailable', {}, 'Nothing was taken.'],
])('a redemption refused with %s %s is explained, and the cart stays', async (status, code, facts, text) => {
  proxy.on(REDEEM, () => problem(status, code, facts));
  await redeemTen();
  await sees(text);
  expect(till.calls.filter((call) => call.startsWith('addCartCode'))).toEqual([]);
});

test('what a quote forbids is said before the tap, and cannot be tapped', async () => {
  proxy.on(QUOTE, () =>
    json(against('above_share', {share_percent: 20, maximum: money('8.00'), eligible_subtotal: money('40.00')})),
  );
  await extension.render();
  await type('Amount', '10');
  await sees('Rewards can pay for up to 20% of this cart, which is A$8.00.');
  expect(disabled(button('Apply A$10.00'))).toBe(true);
});

test('all and round amounts are one tap, within what the quote allows', async () => {
  proxy.on(QUOTE, () => json(quote({maximum: money('12.50')})));
  await extension.render();
  await tap('Use all A$12.50');
  await sees('Apply A$12.50');
  await tap('A$5.00');
  await sees('Apply A$5.00');
  expect(button('A$20.00')).toBeNull();
});

test('a typed amount that is none is said at the field', async () => {
  await extension.render();
  await type('Amount', '1.234');
  await sees('Please enter an amount.');
  expect(disabled(button('Apply'))).toBe(true);
});

test('a cart that may not be changed is not touched', async () => {
  till.cart.value = {...till.cart.value, editable: false};
  await extension.render();
  await sees('This cart cannot be changed');
  expect(document.querySelector('s-number-field')).toBeNull();
  expect(till.calls).toEqual([]);
});

test('an empty cart asks for products first', async () => {
  till.cart.value = {...till.cart.value, lineItems: []};
  await extension.render();
  await sees('Add products to the cart first.');
  expect(document.querySelector('s-number-field')).toBeNull();
});

test('a till in another currency than the balance offers nothing', async () => {
  proxy.on(CUSTOMER, () =>
    json(
      overview({balance: {available: money('25.00', 'NZD'), held: money('0.00', 'NZD'), total: money('25.00', 'NZD')}}),
    ),
  );
  await extension.render();
  await sees('in another currency');
  expect(document.querySelector('s-number-field')).toBeNull();
});
