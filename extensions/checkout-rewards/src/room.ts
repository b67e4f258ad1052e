/** How much this cart may take. */
import type {CustomerClient, Quote, Refusal} from '../../shared/src/client';
import {money, type Money} from '../../shared/src/money';
import {cartOf} from './cart';
import type {Platform} from './platform';

/** By the balance alone where there was no quote. */
export interface Room {
  readonly available: Money;
  readonly suggested: Money;
  /** Why nothing can be used here now; `suggested` is then what could be taken over, if anything. */
  readonly blocked: Refusal | null;
}

/** Asks for it without naming the cart's codes, which cost the proxy a question of its own; that is done at a tap. */
export async function roomOf(platform: Platform, client: Pick<CustomerClient, 'quote'>): Promise<Room | null> {
  const cart = cartOf(platform, 'no codes');
  const quote = cart === null ? null : await client.quote({}, cart);
  if (cart === null || quote === null || !quote.ok) return null;
  const room = read(quote.value);
  if (room?.blocked?.code !== 'held_elsewhere') return room;
  const taken = await client.quote({take_over: true}, cart);
  return taken.ok ? {...room, suggested: read(taken.value)?.suggested ?? room.suggested} : room;
}

/** What is not written as a quote is none. */
function read({verdicts, balance, suggested}: Quote): Room | null {
  try {
    const verdict = verdicts.find((each) => each.of === 'amount' && !each.allowed);
    const blocked = verdict?.code ? because(verdict.code, verdict.facts) : null;
    return {available: money(balance.available), suggested: money(suggested), blocked};
  } catch {
    return null;
  }
}

/** A refusal that nobody needed to make: it is known beforehand. */
export function because(code: string, facts: Refusal['facts']): Refusal {
  return {code, facts, retryable: false, retryAfterS: null, unknown: false};
}
