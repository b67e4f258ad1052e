import {createStorage} from '@shopify/ui-extensions-tester/checkout';
import {expect, test} from 'vitest';
import {mine} from '../src/lease';
import type {Scratch} from '../src/memory';

test('the first on the screen shows, the second does not, and each look keeps it so', async () => {
  const scratch = createStorage();
  expect(await mine(scratch, 'reductions', true, 0)).toBe(true);
  expect(await mine(scratch, 'block', true, 1_000)).toBe(false);
  expect(await mine(scratch, 'reductions', true, 5_000)).toBe(true);
  expect(await mine(scratch, 'block', true, 14_000)).toBe(false);
});

test('a block alone shows', async () => {
  expect(await mine(createStorage(), 'block', true, 0)).toBe(true);
});

test('a summary that is folded away gives its place away, and comes second when it is unfolded', async () => {
  const scratch = createStorage();
  await mine(scratch, 'reductions', true, 0);
  await mine(scratch, 'reductions', false, 1_000);
  expect(await mine(scratch, 'block', true, 1_001)).toBe(true);
  expect(await mine(scratch, 'reductions', true, 1_002)).toBe(false);
});

test('what is not on the screen yet is ready, and takes no place', async () => {
  const scratch = createStorage();
  expect(await mine(scratch, 'reductions', false, 0)).toBe(true);
  expect(await mine(scratch, 'block', true, 1)).toBe(true);
});

test('a lease that is not renewed is over', async () => {
  const scratch = createStorage();
  await mine(scratch, 'reductions', true, 0);
  expect(await mine(scratch, 'block', true, 60_000)).toBe(true);
});

test('two that took it at once are one after the next look', async () => {
  const scratch = createStorage();
  const both = await Promise.all([mine(scratch, 'reductions', true, 0), mine(scratch, 'block', true, 0)]);
  expect(both).toEqual([true, true]);
  const next = [await mine(scratch, 'reductions', true, 5_000), await mine(scratch, 'block', true, 5_000)];
  expect(next.filter(Boolean)).toHaveLength(1);
});

test('a scratch space that fails hides nothing', async () => {
  const broken = {read: () => Promise.reject(new Error('quota'))} as unknown as Scratch;
  expect(await mine(broken, 'block', true, 0)).toBe(true);
});
