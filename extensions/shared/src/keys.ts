/** Keeps the tap whose outcome is open in a surface's own storage, so that a reload asks again instead of twice. */
import type {KeyStore, Tap} from './redeem';

/** What checkouts, tills and pages have in common; each calls it otherwise. */
export interface Storage {
  read(name: string): Promise<unknown>;
  write(name: string, value: unknown): Promise<unknown>;
  delete(name: string): Promise<unknown>;
}

// Long after every hold has ended, a key would only answer what became of it.
const KEPT_MS = 24 * 60 * 60 * 1000;

/**
 * `name` has to say whose it is, of which cart, and for which thing. A storage that fails keeps nothing, and harms
 * nothing.
 */
export function keyStore(storage: Storage, name: string, now: () => number): KeyStore {
  return {
    read: async () => {
      const kept = await quietly(() => storage.read(name));
      return isKept(kept) && now() - kept.at < KEPT_MS ? {wish: kept.wish, key: kept.key} : null;
    },
    write: async (tap) => {
      await quietly(() => (tap === null ? storage.delete(name) : storage.write(name, {...tap, at: now()})));
    },
  };
}

interface Kept extends Tap {
  readonly at: number;
}

/** An older release may have written something else. */
function isKept(value: unknown): value is Kept {
  if (typeof value !== 'object' || value === null) return false;
  const {wish, key, at} = value as Partial<Record<keyof Kept, unknown>>;
  return typeof wish === 'object' && wish !== null && typeof key === 'string' && key !== '' && typeof at === 'number';
}

async function quietly(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch {
    return null;
  }
}
