/** The last balance of the customers seen at this till, for when there is no connection. No names are kept. */
import type {Overview} from '../../shared/src/client';
import type {Wire} from '../../shared/src/money';
import type {Till} from './till';

export interface LastKnown {
  readonly customer: string;
  readonly available: Wire;
  readonly asOf: string;
}

const KEY = 'last_known';
const MOST = 20;

export async function lastKnown(till: Pick<Till, 'storage'>, customer: string): Promise<LastKnown | null> {
  return (await all(till)).find((each) => each.customer === customer) ?? null;
}

export async function keep(till: Pick<Till, 'storage'>, customer: string, {balance, as_of: asOf}: Overview): Promise<void> {
  if (!balance || asOf === null) return;
  const others = (await all(till)).filter((each) => each.customer !== customer);
  const kept = [{customer, available: balance.available, asOf}, ...others].slice(0, MOST);
  try {
    await till.storage.set(KEY, kept);
  } catch {
    // Only what is shown without a connection is lost.
    return;
  }
}

async function all({storage}: Pick<Till, 'storage'>): Promise<readonly LastKnown[]> {
  try {
    const kept = await storage.get(KEY);
    return Array.isArray(kept) ? (kept as LastKnown[]) : [];
  } catch {
    return [];
  }
}
