// @vitest-environment node
import {expect, test} from 'vitest';
import {keyStore, type Storage} from '../src/keys';
import {TEN} from './sample';

const TAP = {wish: TEN, key: 'key-1'};
const DAY_MS = 24 * 60 * 60 * 1000;

/** As the platforms do: what is kept is a copy, by way of JSON. */
function memory(): Storage & {readonly kept: Map<string, string>} {
  const kept = new Map<string, string>();
  return {
    kept,
    read: async (name) => JSON.parse(kept.get(name) ?? 'null') as unknown,
    write: async (name, value) => void kept.set(name, JSON.stringify(value)),
    delete: async (name) => kept.delete(name),
  };
}

test('a tap is there after a reload, until it is done with', async () => {
  const storage = memory();
  await keyStore(storage, 'tap amount', () => 0).write(TAP);
  const later = keyStore(storage, 'tap amount', () => DAY_MS - 1);
  expect(await later.read()).toEqual(TAP);
  await later.write(null);
  expect(await later.read()).toBeNull();
  expect(storage.kept.size).toBe(0);
});

test('another name has another tap', async () => {
  const storage = memory();
  await keyStore(storage, 'tap amount', () => 0).write(TAP);
  expect(await keyStore(storage, 'tap benefit 7', () => 0).read()).toBeNull();
});

test('a tap that is a day old is not asked about any more', async () => {
  const storage = memory();
  await keyStore(storage, 'tap', () => 0).write(TAP);
  expect(await keyStore(storage, 'tap', () => DAY_MS).read()).toBeNull();
});

const HALF = [{key: 'k', at: 0}, {wish: null, key: 'k', at: 0}, {wish: TEN, key: '', at: 0}, TAP];

test.each([null, undefined, 'key', 7, {}, ...HALF])('%j is no tap', async (kept) => {
  const storage: Storage = {...memory(), read: async () => kept};
  expect(await keyStore(storage, 'tap', () => 0).read()).toBeNull();
});

test('a storage that throws keeps nothing and harms nothing', async () => {
  const broken = (): never => {
    throw new Error('RecordsCount');
  };
  const keys = keyStore({read: broken, write: broken, delete: broken}, 'tap', () => 0);
  await keys.write(TAP);
  await keys.write(null);
  expect(await keys.read()).toBeNull();
});
