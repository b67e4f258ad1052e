import {createCartLine} from '@shopify/ui-extensions-tester/checkout';
import {signal} from '@preact/signals';
import {expect, test} from 'vitest';
import {cartOf} from '../src/cart';
import {exact, settled, type Platform} from '../src/platform';

function platform(lines: Platform['lines']['value'], codes: string[] = []): Platform {
  return {
    lines: signal(lines),
    discountCodes: signal(codes.map((code) => ({code}))),
    checkoutToken: signal('checkout-1'),
  } as unknown as Platform;
}

const line = (amount: number, quantity: number) =>
  createCartLine({quantity, cost: {totalAmount: {amount, currencyCode: 'AUD'}}});

test('a line has the price of one piece', () => {
  expect(cartOf(platform([line(59.98, 2)]), 'no codes')?.lines[0]).toMatchObject({
    quantity: 2,
    price: {amount: '29.99', currencyCode: 'AUD'},
  });
});

test('a discounted line that does not divide is one piece of its whole price', () => {
  expect(cartOf(platform([line(10, 3)]), 'no codes')?.lines[0]).toMatchObject({
    quantity: 1,
    price: {amount: '10.00', currencyCode: 'AUD'},
  });
});

test('codes are named only where they are asked for, and no more than the proxy takes', () => {
  const codes = Array.from({length: 12}, (_, nth) => `CODE${nth}`);
  expect(cartOf(platform([line(1, 1)], codes), 'no codes')).not.toHaveProperty('codes');
  expect(cartOf(platform([line(1, 1)], codes), 'codes')?.codes).toHaveLength(10);
});

test('an empty cart, or one too long, gets no quote', () => {
  expect(cartOf(platform([]), 'codes')).toBeNull();
  expect(cartOf(platform(Array.from({length: 251}, () => line(1, 1))), 'codes')).toBeNull();
});

test.each([
  [0.1 + 0.2, 'AUD', 30],
  [19.99, 'AUD', 1999],
  [1200, 'JPY', 1200],
  [1.234, 'KWD', 1234],
])('the platform’s number %d %s is exact', (amount, currencyCode, minor) => {
  expect(exact({amount, currencyCode})).toEqual({minor, currency: currencyCode});
});

test('waiting ends with the change it waits for, and lets go of every field', async () => {
  const field = signal(0);
  const seen = settled([field], () => field.value === 1, 60_000);
  field.value = 1;
  expect(await seen).toBe(true);
});

test('waiting has an end', async () => {
  expect(await settled([signal(0)], () => false, 1)).toBe(false);
});
