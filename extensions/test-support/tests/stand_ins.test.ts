import {effect} from '@preact/signals';
import {expect, test} from 'vitest';
import {live, setOptional} from '../src/fields';
import {json, later, problem, ProxyStandIn} from '../src/proxy';
import {spoken} from '../src/texts';

test('an optional field can be set where the mock refuses it', () => {
  const strict = new Proxy({} as {customer?: number}, {
    get: (target, name) => {
      if (!(name in target)) throw new Error('does not exist');
      return Reflect.get(target, name);
    },
  });
  expect(() => strict.customer).toThrow('does not exist');
  setOptional(strict, 'customer', undefined);
  expect(strict.customer).toBeUndefined();
});

test('a live field tells of its changes', () => {
  const cart = {};
  const field = live(cart, 'current', 1);
  const seen: number[] = [];
  effect(() => void seen.push(field.value));
  field.value = 2;
  expect(seen).toEqual([1, 2]);
  expect(cart).toHaveProperty('current.value', 2);
});

test('the stand-in keeps what was asked and answers by route', async () => {
  const proxy = new ProxyStandIn().on('DELETE /v1/redemptions/*', () => json({id: 'r'}));
  const answer = await proxy.fetch('https://p.example/v1/redemptions/r?x=1', {method: 'DELETE', headers: {A: 'b'}});
  expect(await answer.json()).toEqual({id: 'r'});
  expect(proxy.asked).toEqual([{route: 'DELETE /v1/redemptions/r', headers: {a: 'b'}, body: null}]);
  expect(proxy.times('DELETE /v1/redemptions/*')).toBe(1);
  await expect(proxy.fetch('https://p.example/v1/rewards')).rejects.toThrow(TypeError);
});

test('a problem carries its code, its facts and when to come again', async () => {
  const answer = problem(429, 'rate_limited', {}, {retryable: true, retryAfterS: 7});
  expect(answer.headers.get('Retry-After')).toBe('7');
  expect(await answer.json()).toMatchObject({code: 'rate_limited', retryable: true, status: 429});
});

test('an answer can be kept back', async () => {
  const kept = later();
  const proxy = new ProxyStandIn().on('GET /v1/rewards', kept.answer);
  const answer = proxy.fetch('https://p.example/v1/rewards');
  kept.give(json({late: true}));
  expect(await (await answer).json()).toEqual({late: true});
});

test('spoken texts are the real ones, and a missing text or value throws', () => {
  const uses = {one: '{{count}} use', other: '{{count}} uses'};
  const {translate, formatCurrency} = spoken({reward: {left: '{{amount}} left', uses}});
  expect(translate('reward.left', {amount: '$5'})).toBe('$5 left');
  expect(translate('reward.uses', {count: 1})).toBe('1 use');
  expect(translate('reward.uses', {count: 3})).toBe('3 uses');
  expect(() => translate('reward.gone')).toThrow('no text');
  expect(() => translate('reward.left')).toThrow('needs amount');
  expect(formatCurrency(5, {currency: 'AUD'})).toBe('A$5.00');
});
