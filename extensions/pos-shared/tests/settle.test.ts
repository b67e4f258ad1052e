import {signal} from '@preact/signals';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {settled} from '../src/settle';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const overOne = (now: number) => (now > 1 ? now : null);

test('what is there already is not waited for', async () => {
  expect(await settled(signal(2), overOne, 1_000)).toBe(2);
  expect(vi.getTimerCount()).toBe(0);
});

test('what comes in time is given at once, and nothing stays behind', async () => {
  const cart = signal(0);
  const answer = settled(cart, overOne, 1_000);
  cart.value = 1;
  cart.value = 3;
  expect(await answer).toBe(3);
  expect(vi.getTimerCount()).toBe(0);
});

test('what does not come ends with the time', async () => {
  const answer = settled(signal(0), overOne, 1_000);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await answer).toBeNull();
});

test('a host that never tells of changes is looked at once more at the end', async () => {
  const mute = {value: 0, subscribe: () => () => undefined};
  const answer = settled(mute, overOne, 1_000);
  mute.value = 2;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await answer).toBe(2);
});
