/** One customer at one cart: what the tests of the flow arrange with, and look at afterwards. */
import type {Answer, Redemption} from '../src/client';
import {Flow, type Stage, type Tools} from '../src/redeem';
import {MemoryHost, MemoryKeys, MemoryProxy} from './proxy';

/** What is not answered may have been done. */
export const LOST = {unknown: true, retryable: true} as const;

export class Scene {
  readonly proxy = new MemoryProxy();
  readonly host = new MemoryHost();
  readonly keys = new MemoryKeys();
  readonly seen: Stage[] = [];
  readonly waits: number[] = [];
  now = Date.parse('2026-11-21T10:00:00Z');
  #taps = 0;

  get usedKeys(): string[] {
    return this.proxy.asked.map(({key}) => key);
  }

  /** How many codes are on the cart, and how many redemptions work. */
  get left(): [number, number] {
    return [this.host.codes.size, this.proxy.live.size];
  }

  flow(changes: Partial<Tools> = {}): Flow {
    return new Flow({
      redeemer: this.proxy,
      host: this.host,
      keys: this.keys,
      newKey: () => `key-${(this.#taps += 1)}`,
      now: () => this.now,
      wait: async (ms) => void this.waits.push(ms),
      changed: (stage) => void this.seen.push(stage),
      ...changes,
    });
  }

  /** The proxy, but for what it answers to a wish. */
  redeems(answer: () => Answer<Redemption> | Promise<Answer<Redemption>>): Tools['redeemer'] {
    return {
      quote: () => this.proxy.quote(),
      redeem: async () => answer(),
      read: (id) => this.proxy.read(id),
      release: (id) => this.proxy.release(id),
    };
  }
}

/** A promise that a test settles when it likes. */
export function gate(): {readonly promise: Promise<void>; readonly open: () => void} {
  let open: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return {promise, open};
}
