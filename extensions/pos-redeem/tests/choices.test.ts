import {expect, test} from 'vitest';
import {choices, typed} from '../src/choices';

const minors = (minor: number, currency: string) => choices({minor, currency}).map((each) => each.minor);

test('all comes first, then round amounts below it', () => {
  expect(minors(2500, 'AUD')).toEqual([2500, 500, 1000, 2000]);
  expect(minors(500, 'AUD')).toEqual([500]);
  expect(minors(0, 'AUD')).toEqual([]);
});

test('round is what is round in a currency', () => {
  expect(minors(1800, 'JPY')).toEqual([1800, 500, 1000]);
  expect(minors(12_000, 'KWD')).toEqual([12_000, 5_000, 10_000]);
});

test.each([
  ['10', 1000],
  ['10,5', 1050],
  [' 10.50 ', 1050],
  ['0', null],
  ['-5', null],
  ['1.234', null],
  ['ten', null],
  ['', null],
])('%j is typed for %s', (text, minor) => {
  expect(typed(text, 'AUD')?.minor ?? null).toBe(minor);
});
