import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import type {Redemption} from '../../shared/src/client';
import {TillHost} from '../src/host';
import {readOnCart} from '../src/on_cart';
import type {Till} from '../src/till';
import {redemption} from './samples';
import {standInTill, type TillState} from './stand_in_till';

let state: TillState;
let till: Till;
let host: TillHost;

beforeEach(() => {
  vi.useFakeTimers({shouldAdvanceTime: true, advanceTimeDelta: 100});
  state = standInTill();
  state.worth.set('RWD-ONE', 10);
  till = (globalThis as unknown as {shopify: Till}).shopify;
  host = new TillHost(till, '7', () => 'scope');
});

afterEach(() => {
  vi.useRealTimers();
  Reflect.deleteProperty(globalThis, 'shopify');
});

const handed = (): Redemption =>
  redemption({code: null, cart_attribute: {key: '_redemption_12345678', value: 'red_aaaaaaaaaaaa12345678'}});

test('what is put on is written down before the till is asked', async () => {
  const asked = vi.fn(async () =>
    expect(await readOnCart(till)).toMatchObject({customer: '7', redemptions: [{code: 'RWD-ONE'}]}),
  );
  till.cart.addCartCodeDiscount = asked;
  expect(await host.apply(redemption())).toBe(true);
  expect(asked).toHaveBeenCalledOnce();
});

test.each([null, 8])('for a cart of customer %s nothing is put on', async (customer) => {
  state.setCustomer(customer);
  expect(await host.apply(redemption())).toBe(false);
  expect(state.calls).toEqual([]);
});

test('a cart that was closed meanwhile is not touched, neither to apply nor to remove', async () => {
  await host.apply(redemption());
  state.calls.length = 0;
  state.cart.value = {...state.cart.value, editable: false};
  expect(host.closed()).toBe('not_editable');
  expect(await host.apply(redemption({id: 'red_b', code: 'B'}))).toBe(false);
  await host.remove(redemption());
  expect(state.calls).toEqual([]);
});

test('a till that cannot be reached is closed', () => {
  state.connected.value = {internetConnected: 'Disconnected'};
  expect(host.closed()).toBe('offline');
});

test('a property that a till does not take is no harm beside a code, and all without one', async () => {
  till.cart.addCartProperties = () => Promise.reject(new Error('no'));
  expect(await host.apply(redemption())).toBe(true);
  expect(await host.verify(redemption())).toEqual({minor: 1000, currency: 'AUD'});
  expect(await host.apply(handed())).toBe(false);
});

test('a property that a till forgets is not on the cart', async () => {
  till.cart.addCartProperties = async () => undefined;
  expect(await host.apply(handed())).toBe(false);
});

test('a code that shows late is waited for', async () => {
  till.cart.addCartCodeDiscount = async () =>
    void setTimeout(() => {
      state.put({amount: 10, type: 'FixedAmount', discountDescription: 'RWD-ONE'});
    }, 2_000);
  await host.apply(redemption());
  expect(await host.verify(redemption())).toEqual({minor: 1000, currency: 'AUD'});
});

test('removing leaves discounts that a cashier put on a single line', async () => {
  await host.apply(redemption());
  const [line] = state.cart.value.lineItems;
  if (line === undefined) throw new Error('no line');
  state.cart.value = {
    ...state.cart.value,
    lineItems: [{...line, discounts: [{amount: 2, discountDescription: 'Dented'}]}],
  };
  await host.remove(redemption());
  expect(state.calls).not.toContain('removeAllDiscounts false');
  expect(state.cart.value.properties).toEqual({});
});

test('a property that does not come off keeps no code on the cart', async () => {
  await host.apply(redemption());
  till.cart.removeCartProperties = () => Promise.reject(new Error('no'));
  await host.remove(redemption());
  expect(state.cart.value.cartDiscounts).toEqual([]);
});

test('what is not on the cart takes nothing off it', async () => {
  state.put({amount: 2, discountDescription: 'Staff'});
  await host.remove(redemption());
  expect(state.calls).toEqual([]);
});

test('a code is lost only when it was there', async () => {
  expect(host.lost(redemption())).toBe(false);
  await host.apply(redemption());
  expect(host.lost(redemption())).toBe(false);
  state.takeOffByHand('RWD-ONE');
  expect(host.lost(redemption())).toBe(true);
  expect(host.lost(handed())).toBe(false);
});
