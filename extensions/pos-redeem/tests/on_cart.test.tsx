/// <reference types="@shopify/ui-extensions/pos.home.modal.render" />
import {waitFor} from '@testing-library/preact';
import {expect, test, vi} from 'vitest';
import {benefits, overview, redemption} from '../../pos-shared/tests/samples';
import {button, close, disabled, seen, sees, tap, type} from '../../pos-shared/tests/screen';
import {json, later} from '../../test-support/src/proxy';
import {CUSTOMER, REDEEM, RELEASE, extension, proxy, redeemTen, settles, till} from './redeeming';

test('a code that the till refuses is released, with its property', async () => {
  till.codes = 'refused';
  await redeemTen();
  await settles();
  await sees('could not be added to the cart');
  expect(till.cart.value.properties).not.toHaveProperty('_redemption_12345678');
});

test.each(['ignored', 'listed_for_nothing'] as const)(
  'a code that is %s takes nothing off and is released',
  async (codes) => {
    till.codes = codes;
    await redeemTen();
    await settles();
    await sees('took nothing off this cart');
    expect(till.cart.value.cartDiscounts).toEqual([]);
    expect(till.cart.value.properties).not.toHaveProperty('_redemption_12345678');
  },
);

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
  proxy
    .on(REDEEM, kept.answer)
    .on('GET /v1/pos/customers/8', () => json(overview()))
    .on('GET /v1/pos/customers/8/benefits', () => json(benefits({benefits: []})));
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
  proxy
    .on('GET /v1/pos/customers/8', () => json(overview()))
    .on('GET /v1/pos/customers/8/benefits', () => json(benefits({benefits: []})));
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
  proxy.on(CUSTOMER, (_, nth) => json(overview(nth === 1 ? {redemptions: [redemption()]} : {})));
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
  const other = redemption({
    id: 'red_bbbbbbbbbbbb87654321',
    code: 'BEN-TWO',
    amount: null,
    benefit: {id: 3, handle: 'five', gives: 'amount', uses: 1, captured: 0, returned: 0},
  });
  await extension.shopify.cart.addCartCodeDiscount('RWD-ONE');
  await extension.shopify.cart.addCartCodeDiscount('BEN-TWO');
  proxy.on(CUSTOMER, (_, nth) => json(overview({redemptions: nth === 1 ? [redemption(), other] : [other]})));
  await extension.render();
  await sees('A$10.00 of rewards applied.');
  await tap('Remove');
  await sees('The rewards were removed.');
  expect(till.cart.value.cartDiscounts.map((each) => each.discountDescription)).toEqual(['BEN-TWO']);
});
