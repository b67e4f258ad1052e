// @vitest-environment node
import {describe, expect, test} from 'vitest';
import {CODES, NAMED, told, type Format} from '../src/refusals';
import {decimal} from '../src/money';
import {refusal} from './sample';

const FORMAT: Format = {
  money: (money) => `${money.currency} ${decimal(money)}`,
  time: (at) => `at ${at.toISOString()}`,
};
const ONE = {amount: '1.00', currencyCode: 'AUD'};

test('money and times among the facts are written by the surface, numbers and words as they are', () => {
  const facts = {available: ONE, until: '2026-11-21T10:00:00Z', within_h: 24, whose: 'login'};
  expect(told(refusal('insufficient_balance', {facts, retryAfterS: 3}), FORMAT)).toEqual({
    text: 'refusal.insufficient_balance',
    values: {available: 'AUD 1.00', until: 'at 2026-11-21T10:00:00.000Z', within_h: 24, whose: 'login', seconds: 3},
    may: 'other_amount',
  });
});

test('facts that are no text are left out', () => {
  expect(told(refusal('not_combinable', {facts: {codes: ['A'], most: null, deep: {a: 1}}}), FORMAT).values).toEqual({});
});

test.each([
  ['a money that is none', {available: {amount: 'lots', currencyCode: 'AUD'}}],
  ['a time that is none', {until: '2026-99-99T99:99:99Z'}],
])('%s is left out, and nothing throws', (_, facts) => {
  expect(told(refusal('insufficient_balance', {facts}), FORMAT).values).toEqual({});
});

describe('a code that this release does not know', () => {
  test.each([
    [{}, 'nothing'],
    [{retryable: true}, 'again'],
    [{unknown: true}, 'again'],
  ] as const)('%j: %s', (changes, may) => {
    expect(told(refusal('brand_new', changes), FORMAT)).toMatchObject({text: 'refusal.other', may});
  });

  test('nor one that every object has', () => {
    expect(told(refusal('constructor'), FORMAT)).toMatchObject({text: 'refusal.other', may: 'nothing'});
  });
});

test.each(CODES.map((code) => [code]))('%s is told by a text of its own', (code) => {
  const facts = Object.fromEntries((NAMED.get(code) ?? []).map((name) => [name, ONE]));
  expect(told(refusal(code, {facts}), FORMAT).text).toBe(`refusal.${code}`);
});

test.each([...NAMED].flatMap(([code, names]) => names.map((name) => [code, name] as const)))(
  '%s without %s is told without a hole, and what may be done stays',
  (code, missing) => {
    const others = (NAMED.get(code) ?? []).filter((name) => name !== missing);
    const facts = Object.fromEntries(others.map((name) => [name, ONE]));
    const {may} = told(refusal(code, {facts: {...facts, [missing]: ONE}}), FORMAT);
    expect(told(refusal(code, {facts}), FORMAT)).toMatchObject({text: 'refusal.other', may});
  },
);
