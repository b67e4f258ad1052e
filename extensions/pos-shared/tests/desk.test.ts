import {waitFor} from '@testing-library/preact';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {json, later, problem, ProxyStandIn} from '../../test-support/src/proxy';
import {Desk} from '../src/desk';
import {client, type Till} from '../src/till';
import {money, quote, redemption} from './samples';
import {standInTill, type TillState} from './stand_in_till';

const REDEEM = 'POST /v1/pos/redemptions';
const RELEASE = 'DELETE /v1/pos/redemptions/*';
let state: TillState;
let till: Till;
let proxy: ProxyStandIn;
let desk: Desk;

beforeEach(() => {
  state = standInTill();
  state.worth.set('RWD-ONE', 10);
  till = (globalThis as unknown as {shopify: Till}).shopify;
  proxy = new ProxyStandIn()
    .on('POST /v1/pos/redemptions/quote', () => json(quote()))
    .on(REDEEM, () => json(redemption(), 201))
    .on(RELEASE, () => json(redemption({code: null})));
  vi.stubGlobal('fetch', proxy.fetch);
  desk = new Desk(till, client(till), '7');
});

afterEach(() => {
  vi.unstubAllGlobals();
  Reflect.deleteProperty(globalThis, 'shopify');
});

const ten = {amount: money('10.00')};
const asked = () => proxy.asked.filter(({route}) => route === REDEEM);

test('two things that are tapped at once go one after the other: the second tap does nothing', async () => {
  await Promise.all([desk.redeem('amount', ten), desk.redeem('benefit:3', {benefit: {id: 3, uses: 1}})]);
  expect(asked().map(({body}) => body?.['amount'])).toEqual([money('10.00')]);
  expect(desk.stage('benefit:3').value.at).toBe('idle');
  expect(desk.working.value).toBe(false);
});

test('a cart has its name before the first wish, and the next modal says the same', async () => {
  proxy.on(REDEEM, () => problem(422, 'below_minimum', {minimum: money('15.00')}));
  await desk.redeem('amount', ten);
  await new Desk(till, client(till), '7').redeem('amount', {amount: money('11.00')});
  const [first, second] = asked().map(({body}) => body?.['cart']);
  expect(first).toBe(state.cart.value.properties['_rewards_cart']);
  expect(second).toBe(first);
});

test('a wish whose answer was lost is asked for again by the next modal with the same key', async () => {
  proxy.on(REDEEM, (_, nth) => (nth === 1 ? Promise.reject(new TypeError('gone')) : json(redemption(), 201)));
  await desk.redeem('amount', ten);
  await desk.close();
  const next = new Desk(till, client(till), '7');
  await next.redeem('amount', ten);
  expect(next.stage('amount').value.at).toBe('applied');
  const keys = asked().map(({headers}) => headers['idempotency-key']);
  expect(keys[0]).toBe(keys[1]);
});

test('the same amount with a reason is another wish with another key', async () => {
  proxy.on(REDEEM, (_, nth) => (nth === 1 ? Promise.reject(new TypeError('gone')) : json(redemption(), 201)));
  await desk.redeem('amount', ten);
  await desk.redeem('amount', {...ten, reason: 'Goodwill'});
  const keys = asked().map(({headers}) => headers['idempotency-key']);
  expect(keys[0]).not.toBe(keys[1]);
  expect(asked()[1]?.body).toMatchObject({reason: 'Goodwill'});
});

test('the staff member is asked for at each wish', async () => {
  proxy.on(REDEEM, () => problem(409, 'insufficient_balance', {available: money('1.00')}));
  await desk.redeem('amount', ten);
  state.staff.value = {id: 32};
  await desk.redeem('amount', {amount: money('9.00')});
  state.staff.value = undefined;
  await desk.redeem('amount', {amount: money('8.00')});
  expect(asked().map(({body}) => body?.['staff_id'])).toEqual(['31', '32', undefined]);
});

test('a tap for a customer who is no more on the cart does nothing', async () => {
  state.setCustomer(8);
  await desk.redeem('amount', ten);
  await desk.resume(redemption());
  expect(proxy.asked).toEqual([]);
  expect(state.calls).toEqual([]);
});

test('a customer who changes while the cart is named gets nothing', async () => {
  till.cart.addCartProperties = async () => state.setCustomer(8);
  await desk.redeem('amount', ten);
  expect(asked()).toEqual([]);
  expect(desk.working.value).toBe(false);
});

test('a desk that is closed takes no more taps', async () => {
  await desk.close();
  await desk.redeem('amount', ten);
  expect(proxy.asked).toEqual([]);
});

test('what was granted after the desk had closed is given back', async () => {
  const kept = later();
  proxy.on(REDEEM, kept.answer);
  const work = desk.redeem('amount', ten);
  await waitFor(() => expect(asked()).toHaveLength(1));
  await desk.close();
  kept.give(json(redemption(), 201));
  await work;
  expect(proxy.times(RELEASE)).toBe(1);
  expect(state.cart.value.cartDiscounts).toEqual([]);
});
