import {expect, test} from 'vitest';
import {keep, lastKnown} from '../src/last_known';
import {readOnCart, writeOnCart} from '../src/on_cart';
import {newId, type Till} from '../src/till';
import {overview, redemption} from './samples';

function till(broken = false): Pick<Till, 'storage'> {
  const kept = new Map<unknown, unknown>();
  const work = <T>(done: () => T) => (broken ? Promise.reject(new Error('RecordsCount')) : Promise.resolve(done()));
  return {
    storage: {
      get: (key: unknown) => work(() => kept.get(key)),
      set: (key: unknown, value: unknown) => work(() => void kept.set(key, value)),
      delete: (key: unknown) => work(() => kept.delete(key)),
    } as unknown as Till['storage'],
  };
}

test('a balance is kept for each customer, with its time and without a name', async () => {
  const one = till();
  await keep(one, '7', overview());
  await keep(one, '8', overview());
  expect(await lastKnown(one, '7')).toEqual({
    customer: '7',
    available: {amount: '25.00', currencyCode: 'AUD'},
    asOf: '2026-11-21T10:00:00Z',
  });
  expect(await lastKnown(one, '9')).toBeNull();
});

test('twenty customers are kept, the latest', async () => {
  const one = till();
  for (let customer = 1; customer <= 21; customer += 1) await keep(one, String(customer), overview());
  expect(await lastKnown(one, '1')).toBeNull();
  expect(await lastKnown(one, '2')).not.toBeNull();
  expect(await lastKnown(one, '21')).not.toBeNull();
});

test('an overview without a balance takes none away', async () => {
  const one = till();
  await keep(one, '7', overview());
  await keep(one, '7', overview({balance: null}));
  expect(await lastKnown(one, '7')).not.toBeNull();
});

test('what is on the cart is kept, and nothing where there is nothing', async () => {
  const one = till();
  await writeOnCart(one, {customer: '7', redemptions: [redemption()]});
  expect((await readOnCart(one))?.customer).toBe('7');
  await writeOnCart(one, {customer: '7', redemptions: []});
  expect(await readOnCart(one)).toBeNull();
});

test('a storage that fails fails nothing else', async () => {
  const broken = till(true);
  await keep(broken, '7', overview());
  await writeOnCart(broken, {customer: '7', redemptions: [redemption()]});
  await writeOnCart(broken, null);
  expect(await lastKnown(broken, '7')).toBeNull();
  expect(await readOnCart(broken)).toBeNull();
});

test('ids differ, also where the device has no generator of its own', () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  const ids = new Set([newId(), newId()]);
  Object.defineProperty(globalThis, 'crypto', {value: undefined, configurable: true});
  for (let made = 0; made < 100; made += 1) ids.add(newId());
  Object.defineProperty(globalThis, 'crypto', own ?? {});
  expect(ids.size).toBe(102);
});
