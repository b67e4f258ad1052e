/** The last balance of the customers seen at this till, for when there is no connection. No names are kept. */
import {useEffect, useState} from 'preact/hooks';
import type {Overview} from '../../shared/src/client';
import type {Wire} from '../../shared/src/money';
import {quietly} from './quietly';
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

export function useLastKnown(till: Pick<Till, 'storage'>, customer: string | null): LastKnown | null {
  const [known, setKnown] = useState<LastKnown | null>(null);
  useEffect(() => {
    let gone = false;
    setKnown(null);
    if (customer !== null) void lastKnown(till, customer).then((found) => void (gone || setKnown(found)));
    return () => {
      gone = true;
    };
  }, [customer]);
  return known?.customer === customer ? known : null;
}

export async function keep(
  till: Pick<Till, 'storage'>,
  customer: string,
  {balance, as_of: asOf}: Overview,
): Promise<void> {
  if (!balance || asOf === null) return;
  const others = (await all(till)).filter((each) => each.customer !== customer);
  const kept = [{customer, available: balance.available, asOf}, ...others].slice(0, MOST);
  // Without it only what is shown without a connection is lost.
  await quietly(() => till.storage.set(KEY, kept), null);
}

async function all({storage}: Pick<Till, 'storage'>): Promise<readonly LastKnown[]> {
  const kept = await quietly(() => storage.get(KEY), null);
  return Array.isArray(kept) ? (kept as LastKnown[]) : [];
}
