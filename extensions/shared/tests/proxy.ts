/** A proxy and a cart in memory, with the faults that a network and a platform have. */
import type {Answer, Redeemer, Redemption, Wish} from '../src/client';
import type {Money} from '../src/money';
import type {Host, KeyStore, Tap} from '../src/redeem';
import {no, quote, redemption, yes} from './sample';

/** What becomes of one call: answered, done and its answer lost, or lost on its way there. */
export type Fate = 'answered' | 'answer_lost' | 'request_lost';

const LOST = {unknown: true, retryable: true} as const;

/** Grants one redemption at a time, as the proxy does for one cart; the same key is the same redemption. */
export class MemoryProxy implements Redeemer {
  readonly asked: {readonly wish: Wish; readonly cart: string | null; readonly key: string}[] = [];
  readonly released: string[] = [];
  readonly granted = new Map<string, Redemption>();
  readonly live = new Set<string>();
  fate: () => Fate = () => 'answered';
  refuses: string | null = null;

  async quote(): Promise<ReturnType<typeof quote>> {
    return quote();
  }

  async redeem(wish: Wish, cart: string | null, key: string): Promise<Answer<Redemption>> {
    this.asked.push({wish, cart, key});
    const fate = this.fate();
    if (fate === 'request_lost') return no('offline', LOST);
    if (this.refuses !== null && !this.granted.has(key)) {
      return fate === 'answered' ? no(this.refuses) : no('timeout', LOST);
    }
    const answer = this.#seen(this.granted.get(key) ?? this.#grant(wish, key));
    return fate === 'answered' ? yes(answer) : no('timeout', LOST);
  }

  async read(id: string): Promise<Answer<Redemption>> {
    const found = [...this.granted.values()].find((each) => each.id === id);
    return found === undefined ? no('not_found') : yes(this.#seen(found));
  }

  async release(id: string): Promise<Answer<Redemption>> {
    const fate = this.fate();
    if (fate === 'request_lost') return no('offline', LOST);
    this.released.push(id);
    this.live.delete(id);
    return fate === 'answered' ? yes(redemption({id, code: null, state: 'releasing'})) : no('timeout', LOST);
  }

  /** Every code works until it is released or its time is over. */
  worksNow(code: string): boolean {
    return [...this.granted.values()].some((each) => each.code === code && this.live.has(each.id));
  }

  #grant(wish: Wish, key: string): Redemption {
    // On the same cart a new one replaces the old.
    this.live.clear();
    const id = `rdm_${String(this.granted.size + 1).padStart(32, '0')}`;
    const made = redemption({id, amount: 'amount' in wish ? wish.amount : null});
    this.granted.set(key, made);
    this.live.add(id);
    return made;
  }

  #seen(made: Redemption): Redemption {
    return this.live.has(made.id) ? made : {...made, code: null, state: 'released'};
  }
}

/** A cart that takes codes off by what the proxy says of them. */
export class MemoryHost implements Host {
  readonly codes = new Set<string>();
  takes: (redemption: Redemption) => boolean = () => true;
  counts: (redemption: Redemption) => boolean = () => true;
  shut: string | null = null;

  closed(): string | null {
    return this.shut;
  }

  cart(): ReturnType<Host['cart']> {
    return {lines: [], codes: [...this.codes]};
  }

  scope(): string {
    return 'cart-1';
  }

  async apply({code, ...rest}: Redemption): Promise<boolean> {
    if (code === null || !this.takes({code, ...rest})) return false;
    this.codes.add(code);
    return true;
  }

  async verify(redemption: Redemption): Promise<Money | null> {
    return this.counts(redemption) ? {minor: 1000, currency: 'AUD'} : null;
  }

  async remove({code}: Redemption): Promise<void> {
    if (code !== null) this.codes.delete(code);
  }
}

export class MemoryKeys implements KeyStore {
  kept: Tap | null = null;

  async read(): Promise<Tap | null> {
    return this.kept;
  }

  async write(tap: Tap | null): Promise<void> {
    this.kept = tap;
  }
}
