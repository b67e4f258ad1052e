/// <reference types="@shopify/ui-extensions/pos.home.tile.render" />
import {getExtension} from '@shopify/ui-extensions-tester';
import {waitFor} from '@testing-library/preact';
import {afterAll, afterEach, beforeAll, beforeEach, expect, test, vi} from 'vitest';
import {money, overview, redemption} from '../../pos-shared/tests/samples';
import {close, disabled, seen, sees} from '../../pos-shared/tests/screen';
import {standInTill, type TillState} from '../../pos-shared/tests/stand_in_till';
import {strangers} from '../../test-support/src/components';
import {json, later, problem, ProxyStandIn} from '../../test-support/src/proxy';

const TARGET = 'pos.home.tile.render';
const CUSTOMER = 'GET /v1/pos/customers/7';
const RELEASE = 'DELETE /v1/pos/redemptions/*';
const extension = getExtension(TARGET);
let till: TillState;
let proxy: ProxyStandIn;

beforeAll(() => void vi.useFakeTimers({shouldAdvanceTime: true}));
afterAll(() => void vi.useRealTimers());

beforeEach(() => {
  extension.setUp();
  till = standInTill();
  proxy = new ProxyStandIn().on(CUSTOMER, () => json(overview())).on(RELEASE, () => json(redemption({code: null})));
  extension.fetch = proxy.fetch;
});

afterEach(() => {
  expect(strangers(TARGET)).toEqual([]);
  close();
  extension.tearDown();
});

const tile = () => document.querySelector('s-tile');

test('it shows the balance of the customer on the cart, and opens the modal', async () => {
  await extension.render();
  await sees('A$25.00 available');
  expect(disabled(tile())).toBe(false);
  (tile() as HTMLElement).click();
  expect(till.modals).toBe(1);
});

test('without a customer it cannot be tapped, and asks nobody', async () => {
  till.setCustomer(null);
  await extension.render();
  await sees('Add a customer to the cart');
  expect(disabled(tile())).toBe(true);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(proxy.asked).toEqual([]);
});

test('changes of the cart are no reason to ask again, another customer is', async () => {
  proxy.on('GET /v1/pos/customers/8', () =>
    json(overview({balance: {available: money('3.00'), held: money('0.00'), total: money('3.00')}})),
  );
  await extension.render();
  await sees('A$25.00 available');
  till.cart.value = {...till.cart.value, grandTotal: '99.00'};
  await vi.advanceTimersByTimeAsync(1_000);
  expect(proxy.asked).toHaveLength(1);
  till.setCustomer(8);
  await sees('A$3.00 available');
});

test('what is redeemed on the cart is a reason to ask again, and until then the tile says what it said', async () => {
  const kept = later();
  await extension.render();
  await sees('A$25.00 available');
  proxy.on(CUSTOMER, kept.answer);
  till.cart.value = {...till.cart.value, properties: {_redemption_12345678: 'red_aaaaaaaaaaaa12345678'}};
  await waitFor(() => expect(proxy.times(CUSTOMER)).toBe(2));
  expect(seen()).toContain('A$25.00 available');
  kept.give(json(overview({balance: {available: money('12.50'), held: money('12.50'), total: money('25.00')}})));
  await sees('A$12.50 available');
});

test('what was left before a redemption is not said when nobody can tell what is left since', async () => {
  await extension.render();
  await sees('A$25.00 available');
  proxy.on(CUSTOMER, () => problem(503, 'upstream_unavailable', {}, {retryable: true}));
  till.cart.value = {...till.cart.value, properties: {_redemption_12345678: 'red_aaaaaaaaaaaa12345678'}};
  await sees('Last known, as of');
  expect(seen()).not.toContain('A$25.00 available');
});

test('customers who are tried one after the other are one question', async () => {
  till.setCustomer(5);
  await extension.render();
  till.setCustomer(6);
  till.setCustomer(7);
  await sees('A$25.00 available');
  expect(proxy.asked.map(({route}) => route)).toEqual([CUSTOMER]);
});

test('an answer about a customer who has gone is never shown', async () => {
  const kept = later();
  proxy.on(CUSTOMER, kept.answer);
  await extension.render();
  await waitFor(() => expect(proxy.times(CUSTOMER)).toBe(1));
  till.setCustomer(null);
  kept.give(json(overview()));
  await vi.advanceTimersByTimeAsync(500);
  await sees('Add a customer to the cart');
});

test('what was read of a customer is not shown for the next, not even while that one is read', async () => {
  proxy.on('GET /v1/pos/customers/8', later().answer);
  await extension.render();
  await sees('A$25.00 available');
  till.setCustomer(8);
  await waitFor(() => expect(proxy.times('GET /v1/pos/customers/8')).toBe(1));
  expect(seen()).not.toContain('A$25.00');
});

test('a late answer about the last customer does not disturb the next', async () => {
  const kept = later();
  proxy.on(CUSTOMER, kept.answer).on('GET /v1/pos/customers/8', () =>
    json(
      overview({
        balance: {available: money('3.00'), held: money('0.00'), total: money('3.00')},
      }),
    ),
  );
  await extension.render();
  await waitFor(() => expect(proxy.times(CUSTOMER)).toBe(1));
  till.setCustomer(8);
  await sees('A$3.00 available');
  kept.give(json(overview()));
  await vi.advanceTimersByTimeAsync(100);
  await sees('A$3.00 available');
});

test('offline it says when the balance was last known', async () => {
  await till.storage.set('last_known', [{customer: '7', available: money('25.00'), asOf: '2026-11-20T10:00:00Z'}]);
  till.connected.value = {internetConnected: 'Disconnected'};
  await extension.render();
  await sees('Last known, as of Nov 20, 2026');
  expect(proxy.asked).toEqual([]);
});

test.each([
  ['is refused', () => problem(503, 'upstream_unavailable', {}, {retryable: true})],
  ['is lost', () => Promise.reject(new TypeError('gone'))],
  ['is no JSON', () => new Response('<html>')],
  ['has another shape', () => json({hello: 'there'})],
])('an answer that %s leaves a tile that can be tapped', async (_, answer) => {
  proxy.on(CUSTOMER, answer);
  await extension.render();
  await waitFor(() => expect(proxy.times(CUSTOMER)).toBe(1));
  await vi.advanceTimersByTimeAsync(100);
  expect(tile()?.getAttribute('heading')).toBe('Redeem rewards');
  expect(disabled(tile())).toBe(false);
});

test('the value of a customer who is taken off the cart comes off it and is freed', async () => {
  till.worth.set('RWD-ONE', 10);
  await extension.render();
  await sees('A$25.00 available');
  await onCart();
  till.setCustomer(null);
  await waitFor(() => expect(proxy.times(RELEASE)).toBe(1));
  await waitFor(() => expect(till.toasts).toEqual(['The customer changed, so the rewards were removed.']));
  expect(till.cart.value.cartDiscounts).toEqual([]);
  expect(till.cart.value.properties).toEqual({});
});

test('what is on the cart of the customer who is on it stays', async () => {
  await onCart();
  await extension.render();
  await sees('A$25.00 available');
  expect(await till.storage.get('on_cart')).toMatchObject({customer: '7'});
  expect(till.cart.value.cartDiscounts).toHaveLength(1);
  expect(proxy.times(RELEASE)).toBe(0);
});

test('after a sale the next cart is left alone, and nothing is released', async () => {
  till.worth.set('RWD-ONE', 10);
  await extension.render();
  await sees('A$25.00 available');
  await onCart();
  const {customer: _, ...rest} = till.cart.value;
  till.cart.value = {...rest, cartDiscounts: [], properties: {}, lineItems: []};
  await waitFor(async () => expect(await till.storage.get('on_cart')).toBeUndefined());
  expect(proxy.times(RELEASE)).toBe(0);
  expect(till.toasts).toEqual([]);
});

/** As the modal leaves it. */
async function onCart(): Promise<void> {
  const {id, code, cart_attribute} = redemption();
  await till.storage.set('on_cart', {customer: '7', redemptions: [{id, code, cart_attribute}]});
  till.cart.value = {
    ...till.cart.value,
    cartDiscounts: [{amount: 10, type: 'FixedAmount', discountDescription: 'RWD-ONE'}],
    properties: {_redemption_12345678: id},
  };
}
