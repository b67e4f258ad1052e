/** What this checkout remembers over a reload, in the platform's scratch space; a fault of that space is no answer. */
import type {Redemption} from '../../shared/src/client';

export interface Scratch {
  read<T>(key: string): Promise<T | null>;
  write(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
}

/** What was applied here: enough to show it and to remove it while the proxy is away, and to thank for it. */
export interface Applied {
  readonly redemption: Redemption;
  /** A benefit's. */
  readonly name: string | null;
}

const APPLIED = 'applied';

export async function recall(scratch: Scratch): Promise<readonly Applied[]> {
  try {
    const read = await scratch.read<unknown>(APPLIED);
    return Array.isArray(read) ? read.filter(isApplied) : [];
  } catch {
    return [];
  }
}

/** An older release may have written something else. */
function isApplied(value: unknown): value is Applied {
  if (typeof value !== 'object' || value === null) return false;
  const {redemption} = value as Partial<Applied>;
  return typeof redemption === 'object' && redemption !== null && typeof redemption.id === 'string';
}

export async function remember(scratch: Scratch, applied: readonly Applied[]): Promise<void> {
  try {
    await scratch.write(APPLIED, applied);
  } catch {
    // Then a reload finds it through the proxy, or not while that is away.
  }
}
