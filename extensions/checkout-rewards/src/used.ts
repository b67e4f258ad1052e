/** What was used on an order, and what is left: for the page that thanks for it. */
import type {CustomerClient, Redemption} from '../../shared/src/client';
import {money, type Money} from '../../shared/src/money';
import {off, stands} from './host';
import {recall, type Applied} from './memory';
import type {Counted, Order} from './platform';

export interface Known {
  /** What may have been used: what this checkout remembers, and what is still open at the proxy. */
  readonly candidates: readonly Applied[];
  /** Null where nobody is signed in, or the proxy does not answer. */
  readonly left: Money | null;
}

export interface Used {
  readonly id: string;
  readonly name: string | null;
  readonly amount: Money | null;
}

/** Asks nobody about an order that carries nothing, nor about a guest's. */
export async function known(order: Order, client: Pick<CustomerClient, 'rewards'>): Promise<Known> {
  if (order.discountCodes.value.length + order.attributes.value.length === 0) return {candidates: [], left: null};
  const guest = order.buyerIdentity !== undefined && order.buyerIdentity.customer.value === undefined;
  const [remembered, rewards] = await Promise.all([recall(order.storage), guest ? null : client.rewards()]);
  if (rewards === null || !rewards.ok) return {candidates: remembered, left: null};
  try {
    const {balance, redemptions} = rewards.value;
    const ids = new Set(remembered.map(({redemption}) => redemption.id));
    const open = redemptions.filter(({id}) => !ids.has(id)).map(named);
    return {candidates: [...remembered, ...open], left: balance === null ? null : money(balance.available)};
  } catch {
    // An answer of another shape, as of a later release.
    return {candidates: remembered, left: null};
  }
}

/** Of those what stands on the order. An amount that took nothing off was not used. */
export function usedOn(order: Counted, candidates: readonly Applied[]): Used[] {
  return candidates
    .filter(({redemption}) => stands(order, redemption))
    .map(({redemption, name}) => ({id: redemption.id, name, amount: off(order, redemption)}))
    .filter(({name, amount}) => name !== null || amount !== null);
}

function named(redemption: Redemption): Applied {
  return {redemption, name: redemption.benefit?.handle ?? null};
}
