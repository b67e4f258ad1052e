/// <reference types="@shopify/ui-extensions/pos.home.modal.render" />
import {getExtension} from '@shopify/ui-extensions-tester';
import {waitFor} from '@testing-library/preact';
import {afterAll, afterEach, beforeAll, beforeEach, expect, test, vi} from 'vitest';
import {against, benefit, benefits, money, overview, quote, redemption} from '../../pos-shared/tests/samples';
import {button, close, disabled, seen, sees, tap, type} from '../../pos-shared/tests/screen';
import {standInTill, type TillState} from '../../pos-shared/tests/stand_in_till';
import {strangers} from '../../test-support/src/components';
import {json, later, problem, ProxyStandIn} from '../../test-support/src/proxy';

const TARGET = 'pos.home.modal.render';
const extension = getExtension(TARGET);
let till: TillState;
let proxy: ProxyStandIn;

const CUSTOMER = 'GET /v1/pos/customers/7';
const QUOTE = 'POST /v1/pos/redemptions/quote';
const REDEEM = 'POST /v1/pos/redemptions';
const RELEASE = 'DELETE /v1/pos/redemptions/*';

// Time goes on by itself, and faster where a test says so; never switched within, as Preact has timers of its own.
beforeAll(() => void vi.useFakeTimers({shouldAdvanceTime: true}));
afterAll(() => void vi.useRealTimers());

beforeEach(() => {
  extension.setUp();
  till = standInTill();
  till.worth.set('RWD-ONE', 10);
  proxy = new ProxyStandIn()
    .on(CUSTOMER, () => json(overview()))
    .on(`${CUSTOMER}/benefits`, () => json(benefits({benefits: []})))
    .on(QUOTE, () => json(quote()))
    .on(REDEEM, () => json(redemption(), 201))
    .on(RELEASE, () => json(redemption({state: 'releasing', code: null})));
  extension.fetch = proxy.fetch;
});

afterEach(() => {
  expect(strangers(TARGET)).toEqual([]);
  close();
  extension.tearDown();
});

/** As long as a till is given to show what a code did. */
async function settles(): Promise<void> {
  await waitFor(() => expect(till.calls.some((call) => call.startsWith('addCartCode'))).toBe(true));
  await vi.advanceTimersByTimeAsync(3_000);
  await waitFor(() => expect(proxy.times(RELEASE)).toBe(1));
}

async function redeemTen(): Promise<void> {
  await extension.render();
  await type('Amount', '10');
  await tap('Apply A$10.00');
}

test('an amount goes onto the cart by its code, is named on it, and declares where and by whom', async () => {
  await redeemTen();
  await sees('A$10.00 of rewards applied.');
  expect(till.cart.value.grandTotal).toBe('30.00');
  expect(till.cart.value.properties).toMatchObject({_redemption_12345678: 'red_aaaaaaaaaaaa12345678'});
  const asked = proxy.asked.find(({route}) => route === REDEEM);
  expect(asked?.body).toEqual({
    amount: money('10.00'), customer_id: '7', location_id: '21', staff_id: '31', device_id: '41',
    cart: till.cart.value.properties['_rewards_cart'],
  });
  expect(asked?.headers['idempotency-key']).toBeTruthy();
});

test('a quote says the cart as it is', async () => {
  await extension.render();
  await waitFor(() => expect(proxy.times(QUOTE)).toBe(1));
  expect(proxy.asked.find(({route}) => route === QUOTE)?.body).toMatchObject({
    customer_id: '7', location_id: '21',
    cart: {lines: [{product_id: '11', variant_id: '12', quantity: 1, price: money('40.00'), gift_card: false}], codes: []},
  });
});

test('without a customer it asks for one, and a code that is found puts them on the cart', async () => {
  till.setCustomer(null);
  proxy.on('POST /v1/pos/lookups', () => json({status: 'active', customer_id: 'gid://shopify/Customer/7', profile: null}));
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
  proxy.on(CUSTOMER, () => json(overview({balance: {available: money('0.00'), held: money('0.00'), total: money('0.00')}})));
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
  [409, 'staff_limit_reached', {whose: 'login', limit: money('50.00'), left: money('1.00'), within_h: 24}, 'A$1.00 is left.'],
  [429, 'rate_limited', {}, 'That was too often'],
  [503, 'upstream_unavailable', {}, 'Nothing was taken.'],
])('a redemption refused with %s %s is explained, and the cart stays', async (status, code, facts, text) => {
  proxy.on(REDEEM, () => problem(status, code, facts));
  await redeemTen();
  await sees(text);
  expect(till.calls.filter((call) => call.startsWith('addCartCode'))).toEqual([]);
});

test('what a quote forbids is said before the tap, and cannot be tapped', async () => {
  proxy.on(QUOTE, () => json(against('above_share', {share_percent: 20, maximum: money('8.00'), eligible_subtotal: money('40.00')})));
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
  proxy.on(CUSTOMER, () => json(overview({balance: {available: money('25.00', 'NZD'), held: money('0.00', 'NZD'), total: money('25.00', 'NZD')}})));
  await extension.render();
  await sees('in another currency');
  expect(document.querySelector('s-number-field')).toBeNull();
});

test('a code that the till refuses is released, with its property', async () => {
  till.codes = 'refused';
  await redeemTen();
  await settles();
  await sees('could not be added to the cart');
  expect(till.cart.value.properties).not.toHaveProperty('_redemption_12345678');
});

test.each(['ignored', 'listed_for_nothing'] as const)('a code that is %s takes nothing off and is released', async (codes) => {
  till.codes = codes;
  await redeemTen();
  await settles();
  await sees('took nothing off this cart');
  expect(till.cart.value.cartDiscounts).toEqual([]);
  expect(till.cart.value.properties).not.toHaveProperty('_redemption_12345678');
});

test('a till that complains and takes the code all the same has applied it', async () => {
  till.codes = 'refused_but_taken';
  await redeemTen();
  await sees('A$10.00 of rewards applied.');
  expect(proxy.times(RELEASE)).toBe(0);
});

test('two taps are one request', async () => {
  const kept = later();
  proxy.on(REDEEM, kept.answer);
  await extension.render();
  await type('Amount', '10');
  await waitFor(() => expect(disabled(button('Apply A$10.00'))).toBe(false));
  const apply = button('Apply A$10.00') as HTMLElement;
  apply.click();
  apply.click();
  await waitFor(() => expect(proxy.times(REDEEM)).toBe(1));
  kept.give(json(redemption(), 201));
  await sees('of rewards applied');
  expect(proxy.times(REDEEM)).toBe(1);
});

test('an answer that was lost is asked for again with the same key', async () => {
  proxy.on(REDEEM, (_, nth) => (nth === 1 ? Promise.reject(new TypeError('gone')) : json(redemption(), 201)));
  await redeemTen();
  await tap('Try again');
  await sees('of rewards applied');
  const keys = proxy.asked.filter(({route}) => route === REDEEM).map(({headers}) => headers['idempotency-key']);
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBe(keys[1]);
});

test('a customer who changes while it is held gets nothing, and the value is freed', async () => {
  const kept = later();
  proxy.on(REDEEM, kept.answer).on('GET /v1/pos/customers/8', () => json(overview())).on('GET /v1/pos/customers/8/benefits', () => json(benefits({benefits: []})));
  await redeemTen();
  await waitFor(() => expect(proxy.times(REDEEM)).toBe(1));
  till.setCustomer(8);
  await waitFor(() => expect(proxy.times('GET /v1/pos/customers/8')).toBe(1));
  kept.give(json(redemption(), 201));
  await waitFor(() => expect(proxy.times(RELEASE)).toBe(1));
  expect(till.cart.value.cartDiscounts).toEqual([]);
  expect(seen()).not.toContain('applied');
});

test('a customer who changes after it was applied leaves nothing on the cart', async () => {
  proxy.on('GET /v1/pos/customers/8', () => json(overview())).on('GET /v1/pos/customers/8/benefits', () => json(benefits({benefits: []})));
  await redeemTen();
  await sees('of rewards applied');
  till.setCustomer(8);
  await waitFor(() => expect(proxy.times(RELEASE)).toBe(1));
  await waitFor(() => expect(till.cart.value.cartDiscounts).toEqual([]));
  expect(till.cart.value.properties).not.toHaveProperty('_redemption_12345678');
});

test('a modal that closes while it is held frees the value and writes nothing more', async () => {
  const kept = later();
  proxy.on(REDEEM, kept.answer);
  await redeemTen();
  await waitFor(() => expect(proxy.times(REDEEM)).toBe(1));
  close();
  kept.give(json(redemption(), 201));
  await waitFor(() => expect(proxy.times(RELEASE)).toBe(1));
  expect(till.calls.filter((call) => call.startsWith('addCartCode'))).toEqual([]);
  expect(document.body.innerHTML).toBe('');
});

test('a modal that closes when it is applied leaves it on the cart', async () => {
  await redeemTen();
  await sees('of rewards applied');
  close();
  expect(till.cart.value.grandTotal).toBe('30.00');
  expect(proxy.times(RELEASE)).toBe(0);
});

test('what is on the cart already is shown as applied, and can be removed', async () => {
  await extension.shopify.cart.addCartCodeDiscount('RWD-ONE');
  proxy.on(CUSTOMER, (_, nth) => json(overview(nth === 1 ? ({redemptions: [redemption()]}) : {})));
  await extension.render();
  await sees('A$10.00 of rewards applied.');
  await tap('Remove');
  await sees('The rewards were removed.');
  expect(till.cart.value.cartDiscounts).toEqual([]);
  expect(till.calls).toContain('removeAllDiscounts false');
});

test('beside a discount of somebody else the code is left, dead, and the cashier is told', async () => {
  till.put({amount: 2, type: 'FixedAmount', discountDescription: 'Damaged box'});
  await redeemTen();
  await sees('of rewards applied');
  await tap('Remove');
  await sees('Please take the code RWD-ONE off the cart by hand.');
  expect(proxy.times(RELEASE)).toBe(1);
  expect(till.calls).not.toContain('removeAllDiscounts false');
  expect(till.cart.value.cartDiscounts.map((each) => each.discountDescription)).toContain('Damaged box');
});

test('a code that the cashier takes off by hand is released', async () => {
  await redeemTen();
  await sees('of rewards applied');
  till.takeOffByHand('RWD-ONE');
  await sees('The rewards were removed.');
  expect(proxy.times(RELEASE)).toBe(1);
});

test('what ends while the modal is open is taken off, and goes on again at a tap with a new key', async () => {
  proxy.on(REDEEM, () => json(redemption({expires_at: new Date(Date.now() + 8_000).toISOString()}), 201));
  await redeemTen();
  await sees('of rewards applied');
  await vi.advanceTimersByTimeAsync(10_000);
  await sees('The time for these rewards was up');
  expect(till.cart.value.cartDiscounts).toEqual([]);
  await tap('Try again');
  await sees('of rewards applied');
  const keys = proxy.asked.filter(({route}) => route === REDEEM).map(({headers}) => headers['idempotency-key']);
  expect(new Set(keys).size).toBe(2);
});

test('removing one of two of ours puts the other back', async () => {
  till.worth.set('BEN-TWO', 5);
  const other = redemption({id: 'red_bbbbbbbbbbbb87654321', code: 'BEN-TWO', amount: null,
    benefit: {id: 3, handle: 'five', gives: 'amount', uses: 1, captured: 0, returned: 0}});
  await extension.shopify.cart.addCartCodeDiscount('RWD-ONE');
  await extension.shopify.cart.addCartCodeDiscount('BEN-TWO');
  proxy.on(CUSTOMER, (_, nth) => json(overview({redemptions: nth === 1 ? [redemption(), other] : [other]})));
  await extension.render();
  await sees('A$10.00 of rewards applied.');
  await tap('Remove');
  await sees('The rewards were removed.');
  expect(till.cart.value.cartDiscounts.map((each) => each.discountDescription)).toEqual(['BEN-TWO']);
});

test('value that another cart holds is taken over at a tap', async () => {
  proxy.on(REDEEM, ({body}) => (body?.['take_over'] === true
    ? json(redemption(), 201)
    : problem(409, 'held_elsewhere', {surface: 'checkout', location: null, until: '2026-11-21T11:00:00Z'})));
  await redeemTen();
  await tap('Use here instead');
  await sees('of rewards applied');
});

test('more than a bound needs a reason, and says it with the wish', async () => {
  proxy.on(QUOTE, ({body}) => json(body?.['reason'] ? quote() : against('reason_required', {above: money('5.00')})));
  await extension.render();
  await type('Amount', '10');
  await sees('More than A$5.00 needs a reason.');
  await type('Reason', 'Goodwill');
  await tap('Apply A$10.00');
  await sees('of rewards applied');
  expect(proxy.asked.find(({route}) => route === REDEEM)?.body).toMatchObject({reason: 'Goodwill'});
});

test('a colleague approves at another login, and then the same wish goes on under a new key', async () => {
  const approval = {id: 'apr_1', state: 'pending', customer_id: '7', amount: money('10.00'), requested_by: '5', granted_by: null, expires_at: '2036-01-01T00:00:00Z'};
  proxy
    .on(QUOTE, () => json(against('approval_required', {above: money('5.00')})))
    .on(REDEEM, ({body}) => (body?.['approval'] === 'apr_1'
      ? json(redemption(), 201)
      : problem(409, 'approval_required', {above: money('5.00'), approval: 'apr_1', expires_at: '2036-01-01T00:00:00Z'})))
    .on('GET /v1/pos/approvals/apr_1', () => json({...approval, state: 'granted', granted_by: '6'}));
  await extension.render();
  await type('Amount', '10');
  // Said beforehand, and no reason not to tap: only the tap asks the colleague.
  await sees('needs a colleague’s approval');
  await tap('Apply A$10.00');
  await sees('apr_1');
  await sees('Waiting for the approval');
  await vi.advanceTimersByTimeAsync(5_000);
  await sees('of rewards applied');
  const keys = proxy.asked.filter(({route}) => route === REDEEM).map(({headers}) => headers['idempotency-key']);
  expect(new Set(keys).size).toBe(2);
});

test('a colleague sees what was asked for and grants it, whoever is on the cart', async () => {
  till.setCustomer(null);
  const approval = {id: 'apr_1', state: 'pending', customer_id: '7', amount: money('80.00'), requested_by: '5', granted_by: null, expires_at: '2036-01-01T00:00:00Z'};
  proxy
    .on('GET /v1/pos/approvals/apr_1', () => json(approval))
    .on('POST /v1/pos/approvals/apr_1', () => json({...approval, state: 'granted', granted_by: '6'}));
  await extension.render();
  await tap('Approve for a colleague');
  await type('Number of the approval', 'apr_1');
  await tap('Look');
  await tap('Approve A$80.00');
  await sees('Approved');
  expect(button('Approve A$80.00')).toBeNull();
});

test('nobody grants what they asked for', async () => {
  proxy
    .on('GET /v1/pos/approvals/apr_1', () => json({id: 'apr_1', state: 'pending', customer_id: '7', amount: money('80.00'), requested_by: '5', granted_by: null, expires_at: '2036-01-01T00:00:00Z'}))
    .on('POST /v1/pos/approvals/apr_1', () => problem(403, 'approval_own'));
  await extension.render();
  await tap('Approve for a colleague');
  await type('Number of the approval', 'apr_1');
  await tap('Look');
  await tap('Approve A$80.00');
  await sees('Somebody else has to approve this.');
});

test('what is open elsewhere is shown, and goes onto this cart at a tap without another hold', async () => {
  proxy.on(CUSTOMER, (_, nth) => json(overview({redemptions: nth === 1 ? [redemption()] : []})));
  await extension.render();
  await sees('Set aside, but not on this cart');
  await tap('Use here instead');
  await sees('of rewards applied');
  expect(proxy.times(REDEEM)).toBe(0);
  expect(till.cart.value.grandTotal).toBe('30.00');
});

test('what is open elsewhere is released at a tap', async () => {
  proxy.on(CUSTOMER, (_, nth) => json(overview({redemptions: nth === 1 ? [redemption()] : []})));
  await extension.render();
  await tap('Release');
  await sees('The rewards were removed.');
  expect(proxy.times(RELEASE)).toBe(1);
  expect(seen()).not.toContain('Set aside');
  expect(till.calls).toEqual([]);
});

test('a benefit that is handed over is named on the cart, and has no code', async () => {
  proxy
    .on(`${CUSTOMER}/benefits`, () => json(benefits({benefits: [benefit()]})))
    .on(REDEEM, () => json(redemption({
      amount: null, code: null, benefit: {id: 3, handle: 'coffee', gives: 'record', uses: 1, captured: 0, returned: 0},
      cart_attribute: {key: '_redemption_12345678', value: 'red_aaaaaaaaaaaa12345678'},
    }), 201));
  await extension.render();
  await sees('Hand over a coffee');
  await tap('Apply');
  await sees('A free coffee applied.');
  expect(till.cart.value.properties).toMatchObject({_redemption_12345678: 'red_aaaaaaaaaaaa12345678'});
  expect(till.calls.filter((call) => call.startsWith('addCartCode'))).toEqual([]);
});

test('a profile that may not redeem is said, and offers nothing', async () => {
  proxy.on(CUSTOMER, () => json(overview({status: 'profile_inactive'})));
  await extension.render();
  await sees('The rewards account is not active.');
  expect(document.querySelector('s-number-field')).toBeNull();
});

test('a customer whom the programme does not know yet is told so', async () => {
  proxy.on(CUSTOMER, () => json(overview({status: 'pending_profile', balance: null, profile: null})));
  await extension.render();
  await sees('The rewards account is being set up.');
});
