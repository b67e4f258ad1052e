// @vitest-environment node
/// <reference types="vite/client" />
import {describe, expect, test} from 'vitest';
import source from '../../../proxy/domain/money.py?raw';
import {decimal, decimals, least, money, parse, plus, wire} from '../src/money';

const CURRENCIES = ['AUD', 'JPY', 'KWD', 'HUF', 'IQD', 'CLP'];
const MOST = 12; // digits before the point, as the wire has
// Whole numbers near every edge, and many between.
const MINORS = [0, 1, 9, 10, 99, 100, 999, 1000, 1001, 123_456_789, 99_999_999_999_999];
for (let minor = 7; minor < 1e14; minor = minor * 3 + 11) MINORS.push(minor);

describe.each(CURRENCIES)('%s', (currency) => {
  const whole = MINORS.filter((minor) => minor < 10 ** (MOST + decimals(currency)));

  test.each(whole)('%i is read as it is written', (minor) => {
    const written = wire({minor, currency});
    expect(money(written)).toEqual({minor, currency});
    const [, fraction = ''] = written.amount.split('.');
    expect(fraction).toHaveLength(decimals(currency));
  });

  test('what is owed is written with its sign', () => {
    expect(parse(decimal({minor: -105, currency}), currency)).toEqual({minor: -105, currency});
  });
});

test.each([
  ['12.5', 'AUD', 1250],
  ['12', 'AUD', 1200],
  [' 12.50 ', 'AUD', 1250],
  ['12.500000', 'AUD', 1250],
  ['0.29', 'AUD', 29],
  ['1.005', 'KWD', 1005],
  ['1500', 'JPY', 1500],
  ['1500.00', 'JPY', 1500],
  ['-0.00', 'AUD', 0],
  ['999999999999.999', 'KWD', 999_999_999_999_999],
])('%s %s is %i minor units', (amount, currency, minor) => {
  expect(parse(amount, currency)?.minor).toBe(minor);
});

test.each([
  ['', 'AUD'],
  ['.', 'AUD'],
  ['.5', 'AUD'],
  ['5.', 'AUD'],
  ['1,50', 'AUD'],
  ['1e3', 'AUD'],
  ['+5', 'AUD'],
  ['0x10', 'AUD'],
  ['٥', 'AUD'],
  ['NaN', 'AUD'],
  ['Infinity', 'AUD'],
  ['1 000', 'AUD'],
  ['12.505', 'AUD'],
  ['0.5', 'JPY'],
  ['1.0005', 'KWD'],
  ['1234567890123', 'AUD'],
])('%j is no amount of %s', (amount, currency) => {
  expect(parse(amount, currency)).toBeNull();
  expect(() => money({amount, currencyCode: currency})).toThrow(RangeError);
});

test('sums are exact where floats are not', () => {
  let sum = {minor: 0, currency: 'AUD'};
  for (let cents = 0; cents < 1000; cents += 1) sum = plus(sum, money({amount: '0.01', currencyCode: 'AUD'}));
  expect(decimal(sum)).toBe('10.00');
});

test('two currencies are never one amount', () => {
  const [aud, jpy] = [{minor: 1, currency: 'AUD'}, {minor: 1, currency: 'JPY'}];
  expect(() => plus(aud, jpy)).toThrow(RangeError);
  expect(() => least(aud, jpy)).toThrow(RangeError);
  expect(least({minor: 3, currency: 'AUD'}, aud)).toEqual(aud);
});

test('a currency has as many decimals as the proxy says', () => {
  const listed = (name: string) => new RegExp(`${name}: Final = "([A-Z ]+)"`).exec(source)?.[1]?.split(' ') ?? [];
  expect(listed('_NO_DECIMALS').length).toBeGreaterThan(10);
  expect(listed('_THREE_DECIMALS').length).toBeGreaterThan(5);
  const having = (places: number, name: string) => listed(name).map((each) => [each, places] as const);
  const odd = new Map([...having(0, '_NO_DECIMALS'), ...having(3, '_THREE_DECIMALS')]);
  for (const currency of new Set([...odd.keys(), ...Intl.supportedValuesOf('currency')])) {
    expect([currency, decimals(currency)]).toEqual([currency, odd.get(currency) ?? 2]);
  }
});
