/** The redeem flows of one checkout: one for the amount and one for each benefit, and never two at work at once. */
import {signal} from '@preact/signals';
import type {CustomerClient, Redemption, Wish} from '../../shared/src/client';
import {keyStore} from '../../shared/src/keys';
import {busy, Flow, type Because, type Stage} from '../../shared/src/redeem';
import {checkoutHost, off, stands, type By} from './host';
import {remember, type Applied} from './memory';
import type {Platform} from './platform';

/** What can be redeemed: the amount, or one benefit. */
export interface Thing {
  readonly of: string;
  readonly by: By;
  /** A benefit's. */
  readonly name: string | null;
}

export interface Doing {
  readonly thing: Thing;
  readonly stage: Stage;
  /** It stood on the checkout already: nothing that a customer did just now. */
  readonly found: boolean;
}

export interface Parts {
  readonly platform: Platform;
  readonly client: CustomerClient;
  readonly newKey: () => string;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

export const AMOUNT: Thing = {of: 'amount', by: 'code', name: null};

export function benefitOf(id: number, name: string, by: By): Thing {
  return {of: `benefit ${id}`, by, name};
}

export function thingOf(redemption: Redemption, name: string | null): Thing {
  const {benefit, code} = redemption;
  if (benefit === null) return AMOUNT;
  return benefitOf(benefit.id, name ?? benefit.handle, code === null ? 'attribute' : 'code');
}

// While Shopify counts anew a code may be away for a moment.
const STEADY_MS = 1_000;
const SETTLED: ReadonlySet<Stage['at']> = new Set(['applied', 'released', 'expired']);

export class Desk {
  /** In the order in which they were last touched. */
  readonly doing = signal<ReadonlyMap<string, Doing>>(new Map());
  readonly #flows = new Map<string, Flow>();
  readonly #parts: Parts;
  readonly #settled: () => void;

  constructor(parts: Parts, settled: () => void) {
    this.#parts = parts;
    this.#settled = settled;
  }

  get busy(): boolean {
    return [...this.doing.value.values()].some(({stage}) => busy(stage));
  }

  /** One at a time: two changes of a checkout at once undo each other. */
  async redeem(thing: Thing, wish: Wish): Promise<void> {
    if (!this.busy) await this.#flow(thing).redeem(wish);
  }

  async remove(thing: Thing, because: Because = 'removed'): Promise<void> {
    if (!this.busy) await this.#flows.get(thing.of)?.remove(because);
  }

  /** What stands on the checkout already, as after a reload; what was touched since is left alone. */
  found(thing: Thing, redemption: Redemption): void {
    const flow = this.#flow(thing);
    if (flow.stage.at === 'idle') void flow.found(redemption, off(this.#parts.platform, redemption));
  }

  /** A code that was taken off elsewhere, as by the discount field's own button, is given free. */
  async look(): Promise<void> {
    const {platform, wait} = this.#parts;
    const gone = () => {
      const flows = [...this.#flows.values()];
      return flows.filter(({stage}) => stage.at === 'applied' && !stands(platform, stage.redemption));
    };
    const missed = gone();
    if (missed.length === 0) return;
    await wait(STEADY_MS);
    const still = gone();
    for (const flow of missed) if (still.includes(flow)) await flow.remove();
  }

  tick(): void {
    for (const flow of this.#flows.values()) void flow.tick();
  }

  /** Another customer: what was the first one's comes off. */
  async dismiss(): Promise<void> {
    const flows = [...this.#flows.values()];
    for (const flow of flows) await flow.remove('customer_changed');
    this.forget();
    this.doing.value = new Map();
  }

  /** Nobody looks any more; what is under way is given free when its answer comes. */
  forget(): void {
    for (const flow of this.#flows.values()) flow.forget();
    this.#flows.clear();
  }

  #flow(thing: Thing): Flow {
    const known = this.#flows.get(thing.of);
    if (known !== undefined) return known;
    const {platform, client, newKey, now, wait} = this.#parts;
    // The scratch space is of this checkout; who buys may change on it.
    const who = platform.buyerIdentity?.customer.value?.id ?? '';
    const flow = new Flow({
      redeemer: client,
      host: checkoutHost(platform, thing.by),
      keys: keyStore(platform.storage, `tap ${who} ${thing.of}`, now),
      newKey,
      now,
      wait,
      changed: (stage) => this.#changed(thing, stage),
    });
    this.#flows.set(thing.of, flow);
    return flow;
  }

  #changed(thing: Thing, stage: Stage): void {
    const doing = new Map(this.doing.value);
    const known = doing.delete(thing.of);
    this.doing.value = doing.set(thing.of, {thing, stage, found: !known && stage.at === 'applied'});
    if (!SETTLED.has(stage.at)) return;
    void remember(this.#parts.platform.storage, [...doing.values()].flatMap(applied));
    // What was only found has changed nothing.
    if (known) this.#settled();
  }
}

function applied({thing: {name}, stage}: Doing): Applied[] {
  return stage.at === 'applied' ? [{redemption: stage.redemption, name}] : [];
}
