// @vitest-environment node
/**
 * Walks the flow at random over a proxy that loses answers and a page that dies, and looks after each step.
 *
 * What has to hold: a code on the cart works; and as soon as nothing is open, what is held is what is applied, no more
 * and no less. Open is a key whose outcome nobody knows, also of a wish that was given up for another, and a release
 * that nobody answered: the next wish on the same cart takes over what they hold, the next load finds it, and it ends by
 * its own time.
 */
import {describe, expect, test} from 'vitest';
import {findOpen} from '../src/open';
import {Flow, type Tap, type Tools} from '../src/redeem';
import {MemoryHost, MemoryKeys, MemoryProxy} from './proxy';
import {FIVE, TEN} from './sample';

const WALKS = 150;
const STEPS = 40;

describe('whatever is lost on the way', () => {
  test.each(Array.from({length: WALKS}, (_, seed) => seed))('walk %i', async (seed) => {
    const walk = new Walk(seed);
    for (let step = 0; step < STEPS; step += 1) {
      await walk.step();
      walk.look();
    }
  });

  test('the walks come to every place that they are for', async () => {
    const been = new Set<string>();
    for (let seed = 0; seed < WALKS; seed += 1) {
      const walk = new Walk(seed);
      for (let step = 0; step < STEPS; step += 1) {
        await walk.step();
        been.add(walk.place);
      }
    }
    expect([...been].sort()).toEqual(
      ['applied', 'expired', 'idle', 'refused', 'refused, open', 'released', 'released, unanswered'].sort(),
    );
  });
});

class Walk {
  readonly #random: () => number;
  readonly #proxy = new MemoryProxy();
  readonly #host = new MemoryHost();
  readonly #keys = new MemoryKeys();
  readonly #unanswered = new Set<string>();
  readonly #left = new Set<string>();
  #flow: Flow;
  #now = Date.parse('2026-11-21T10:00:00Z');
  #taps = 0;

  constructor(seed: number) {
    this.#random = randomly(seed);
    this.#proxy.fate = () => this.#one(['answered', 'answered', 'answer_lost', 'request_lost']);
    this.#host.takes = () => this.#random() < 0.85;
    this.#host.counts = () => this.#random() < 0.85;
    this.#flow = this.#open();
  }

  get place(): string {
    const {stage} = this.#flow;
    if (stage.at === 'refused') return stage.again === null ? stage.at : `${stage.at}, open`;
    return stage.at === 'released' && !stage.freed ? 'released, unanswered' : stage.at;
  }

  async step(): Promise<void> {
    this.#proxy.refuses = this.#random() < 0.2 ? 'insufficient_balance' : null;
    await this.#one([
      () => this.#flow.redeem(this.#one([TEN, TEN, FIVE])),
      () => Promise.all([this.#flow.redeem(TEN), this.#flow.redeem(TEN)]),
      () => this.#flow.redeem({...TEN, take_over: true}),
      () => this.#flow.remove(),
      () => this.#timePasses(),
      () => this.#closed(),
      () => this.#died(),
    ])();
  }

  look(): void {
    const {live, granted} = this.#proxy;
    for (const code of this.#host.codes) expect(this.#proxy.worksNow(code)).toBe(true);
    for (const id of this.#unanswered) if (!live.has(id)) this.#unanswered.delete(id);
    for (const key of this.#left) if (!live.has(granted.get(key)?.id ?? '')) this.#left.delete(key);
    if (this.#keys.kept !== null || this.#unanswered.size > 0 || this.#left.size > 0) return;
    const {stage} = this.#flow;
    const applied = stage.at === 'applied' ? [stage.redemption] : [];
    expect([...live]).toEqual(applied.map(({id}) => id));
    expect([...this.#host.codes]).toEqual(applied.map(({code}) => code));
    expect(granted.size).toBeLessThanOrEqual(this.#taps);
  }

  /** Somebody closes it half-way. */
  async #closed(): Promise<void> {
    const {done} = this.#begun();
    await this.#turns();
    this.#flow.forget();
    await done;
    await this.#load();
  }

  /** The page is gone half-way: nothing of it runs any more, but what it sent arrives. */
  async #died(): Promise<void> {
    const {die} = this.#begun();
    await this.#turns();
    die();
    await this.#load();
  }

  #begun(): {done: Promise<unknown>; die: () => void} {
    let dead = false;
    const life = <A extends unknown[], T>(work: (...args: A) => Promise<T>) => async (...args: A): Promise<T> => {
      const never = () => new Promise<T>(() => undefined);
      if (dead) return never();
      await this.#turns();
      if (dead) return never();
      const done = await work(...args);
      return dead ? never() : done;
    };
    const {redeemer, host, keys} = this.#tools();
    this.#leave();
    this.#flow = new Flow({
      ...this.#tools(),
      redeemer: {
        quote: life((...args) => redeemer.quote(...args)),
        redeem: life((...args) => redeemer.redeem(...args)),
        read: life((id) => redeemer.read(id)),
        release: life((id) => redeemer.release(id)),
      },
      host: {
        closed: () => host.closed(),
        cart: () => host.cart(),
        scope: () => host.scope(),
        apply: life((each) => host.apply(each)),
        verify: life((each) => host.verify(each)),
        remove: life((each) => host.remove(each)),
      },
      keys: {read: life(() => keys.read()), write: life((tap) => keys.write(tap))},
    });
    const done = Promise.all([this.#take(), this.#flow.redeem(this.#one([TEN, FIVE]))]);
    return {done, die: () => (dead = true)};
  }

  /** What a surface does when it comes up: what is on the cart is shown, and what waits is taken up. */
  async #load(): Promise<void> {
    this.#leave();
    this.#flow = this.#open();
    await this.#take();
  }

  async #take(): Promise<void> {
    const flow = this.#flow;
    const open = [...this.#proxy.granted.values()].filter(({id}) => this.#proxy.live.has(id));
    const {applied, waiting} = findOpen(open, {codes: [...this.#host.codes].map((code) => code.toLowerCase())});
    for (const each of applied) await flow.found(each, null);
    if (applied.length === 0) for (const each of waiting) await flow.resume(each);
  }

  #leave(): void {
    this.#flow.forget();
  }

  async #timePasses(): Promise<void> {
    this.#now += 31 * 60_000;
    this.#proxy.live.clear();
    await this.#flow.tick();
    this.#now -= 31 * 60_000;
  }

  #open(): Flow {
    return new Flow(this.#tools());
  }

  #tools(): Tools {
    return {
      redeemer: {
        quote: () => this.#proxy.quote(),
        redeem: (...args) => this.#proxy.redeem(...args),
        read: (id) => this.#proxy.read(id),
        release: (id) => this.#released(id),
      },
      host: this.#host,
      keys: {read: () => this.#keys.read(), write: (tap) => this.#write(tap)},
      newKey: () => `key-${(this.#taps += 1)}`,
      now: () => this.#now,
      wait: async () => undefined,
      changed: () => undefined,
    };
  }

  async #write(tap: Tap | null): Promise<void> {
    const {kept} = this.#keys;
    if (tap !== null && kept !== null && kept.key !== tap.key) this.#left.add(kept.key);
    await this.#keys.write(tap);
  }

  async #released(id: string): ReturnType<MemoryProxy['release']> {
    const answer = await this.#proxy.release(id);
    if (!answer.ok) this.#unanswered.add(id);
    return answer;
  }

  async #turns(): Promise<void> {
    for (let turn = Math.floor(this.#random() * 12); turn > 0; turn -= 1) await Promise.resolve();
  }

  #one<T>(of: readonly T[]): T {
    return of[Math.floor(this.#random() * of.length)] as T;
  }
}

/** The same numbers for the same seed (mulberry32). */
function randomly(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
