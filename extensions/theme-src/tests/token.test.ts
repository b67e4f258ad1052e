import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import type {Page} from '../src/page';
import {TransientToken} from '../src/token';

let answers: (() => Response)[];
let asked: number;

beforeEach(() => {
  vi.useFakeTimers({now: 1_000_000_000_000});
  asked = 0;
  answers = [];
});

afterEach(() => {
  vi.useRealTimers();
});

function token(): TransientToken {
  const page = {fetch: async () => (answers[asked++] ?? answers.at(-1) ?? Response.error)()} as unknown as Page;
  return new TransientToken(page, '/apps/rewards/token');
}

function given(name: string, lastsS = 900): () => Response {
  return () => Response.json({token: name, expiry: Date.now() / 1000 + lastsS});
}

test('who asks at the same time is given the same one, asked for once', async () => {
  answers = [given('a')];
  const tokens = token();
  expect(await Promise.all([tokens.now(), tokens.now()])).toEqual(['a', 'a']);
  expect(asked).toBe(1);
});

test('it is renewed half a minute before its end', async () => {
  answers = [given('a'), given('b')];
  const tokens = token();
  await tokens.now();
  vi.advanceTimersByTime(869_000);
  expect(await tokens.now()).toBe('a');
  vi.advanceTimersByTime(2_000);
  expect(await tokens.now()).toBe('b');
});

test('beside a token of Omneo’s own, ours is the one for the proxy', async () => {
  const expiry = Date.now() / 1000 + 900;
  answers = [() => Response.json({token: 'omneos', expiry, proxy_token: 'ours', proxy_expiry: expiry})];
  expect(await token().now()).toBe('ours');
});

test('Omneo’s own is never taken for ours', async () => {
  answers = [() => Response.json({token: 'omneos', expiry: 2e9, proxy_token: null, proxy_expiry: null})];
  expect(await token().now()).toBeUndefined();
});

test('nobody signed in is no token', async () => {
  answers = [() => Response.json({token: 'anonymous', expiry: 2e9}, {headers: {'x-omneo-is-anon': 'true'}})];
  expect(await token().now()).toBeUndefined();
});

test('a failure is not kept', async () => {
  answers = [() => new Response('', {status: 502}), given('b')];
  const tokens = token();
  await expect(tokens.now()).rejects.toThrow('no token');
  expect(await tokens.now()).toBe('b');
});

test('one that was refused is not given again', async () => {
  answers = [given('a'), given('b')];
  const tokens = token();
  await tokens.now();
  tokens.refused();
  expect(await tokens.now()).toBe('b');
});
