// @vitest-environment node
import {beforeEach, describe, expect, test} from 'vitest';
import type {Answer, Redemption} from '../src/client';
import {Flow, type Host, type KeyStore, type Stage, type Tools} from '../src/redeem';
import {MemoryHost, MemoryKeys, MemoryProxy} from './proxy';
import {FIVE, handedOver, no, quote, redemption, TEN, yes} from './sample';

let proxy: MemoryProxy;
let host: MemoryHost;
let keys: MemoryKeys;
let seen: Stage[];
let waits: number[];
let taps: number;
let now: number;

beforeEach(() => {
  proxy = new MemoryProxy();
  host = new MemoryHost();
  keys = new MemoryKeys();
  seen = [];
  waits = [];
  taps = 0;
  now = Date.parse('2026-11-21T10:00:00Z');
});

function flow(changes: Partial<Tools> = {}): Flow {
  return new Flow({
    redeemer: proxy,
    host,
    keys,
    newKey: () => `key-${(taps += 1)}`,
    now: () => now,
    wait: async (ms) => void waits.push(ms),
    changed: (stage) => void seen.push(stage),
    ...changes,
  });
}

/** A promise that a test settles when it likes. */
function held<T>(): {promise: Promise<T>; settle: (value: T) => void} {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => (settle = resolve));
  return {promise, settle};
}

const LOST = {unknown: true, retryable: true};
const usedKeys = () => proxy.asked.map(({key}) => key);

describe('the good road', () => {
  test('goes through every stage in turn and says what came off', async () => {
    const one = flow();
    await one.redeem(TEN);
    expect(seen.map(({at}) => at)).toEqual(['quoting', 'holding', 'applying', 'verifying', 'applied']);
    expect(one.stage).toMatchObject({at: 'applied', off: {minor: 1000, currency: 'AUD'}});
    expect(keys.kept).toBeNull();
  });

  test('the redemption is asked for on the cart that the host names', async () => {
    await flow().redeem(TEN);
    expect(proxy.asked).toEqual([{wish: TEN, cart: 'cart-1', key: 'key-1'}]);
  });

  test('the key is kept before the wish is sent', async () => {
    let kept: unknown = null;
    proxy.fate = () => {
      kept = keys.kept;
      return 'answered';
    };
    await flow().redeem(TEN);
    expect(kept).toEqual({wish: TEN, key: 'key-1'});
  });

  test('what is removed is off the cart and free', async () => {
    const one = flow();
    await one.redeem(TEN);
    await one.remove();
    expect(one.stage).toMatchObject({at: 'released', because: 'removed', freed: true});
    expect([host.codes.size, proxy.live.size]).toEqual([0, 0]);
  });

  test('another amount takes the place of the first, whose code leaves the cart', async () => {
    const one = flow();
    await one.redeem(TEN);
    await one.redeem(FIVE);
    expect(one.stage).toMatchObject({at: 'applied', redemption: {amount: {amount: '5.00'}}});
    expect([...host.codes].every((code) => proxy.worksNow(code))).toBe(true);
    expect([host.codes.size, proxy.live.size]).toEqual([1, 1]);
  });

  test('an open redemption that is not on the cart is put there without another one', async () => {
    await proxy.redeem(TEN, 'cart-1', 'before');
    const [open] = proxy.granted.values();
    await flow().resume(open as Redemption);
    expect(seen.at(-1)?.at).toBe('applied');
    expect(proxy.granted.size).toBe(1);
  });
});

describe('taps', () => {
  test('two taps at once send one request', async () => {
    const one = flow();
    await Promise.all([one.redeem(TEN), one.redeem(TEN)]);
    expect(proxy.asked).toHaveLength(1);
  });

  test('a dropped answer is asked for again with the same key', async () => {
    const fates = ['answer_lost', 'answered'] as const;
    proxy.fate = () => fates[proxy.asked.length - 1] ?? 'answered';
    const one = flow();
    await one.redeem(TEN);
    expect(one.stage).toMatchObject({at: 'refused', again: {key: 'key-1'}});
    await one.redeem(TEN);
    expect(usedKeys()).toEqual(['key-1', 'key-1']);
    expect(proxy.granted.size).toBe(1);
    expect(one.stage.at).toBe('applied');
  });

  test('so it is after a reload', async () => {
    proxy.fate = () => 'answer_lost';
    await flow().redeem(TEN);
    proxy.fate = () => 'answered';
    await flow().redeem(TEN);
    expect(usedKeys()).toEqual(['key-1', 'key-1']);
    expect(host.codes.size).toBe(1);
  });

  test('so it is where the storage keeps nothing', async () => {
    const broken: KeyStore = {
      read: () => Promise.reject(new Error('full')),
      write: () => Promise.reject(new Error('full')),
    };
    proxy.fate = () => 'answer_lost';
    const one = flow({keys: broken});
    await one.redeem(TEN);
    proxy.fate = () => 'answered';
    await one.redeem(TEN);
    expect(usedKeys()).toEqual(['key-1', 'key-1']);
  });

  test('no quote is asked for a wish that may hold by now what the quote would miss', async () => {
    proxy.fate = () => 'answer_lost';
    const one = flow();
    await one.redeem(TEN);
    proxy.fate = () => 'answered';
    proxy.quote = async () => quote('insufficient_balance');
    await one.redeem(TEN);
    expect(one.stage.at).toBe('applied');
  });

  test('a refusal that nobody looked at the key for keeps it', async () => {
    const answers: Answer<Redemption>[] = [no('timeout', LOST), no('rate_limited', {retryable: true}), no('no_permission')];
    const one = flow({redeemer: {...redeems(() => answers.shift() ?? yes(redemption()))}});
    for (const _ of [1, 2, 3]) {
      await one.redeem(TEN);
      expect(keys.kept).toEqual({wish: TEN, key: 'key-1'});
    }
    await one.redeem(TEN);
    expect(keys.kept).toBeNull();
  });

  test('a final refusal frees the key, and the next tap has a new one', async () => {
    proxy.refuses = 'insufficient_balance';
    const one = flow();
    await one.redeem(TEN);
    expect(one.stage).toMatchObject({at: 'refused', again: null});
    proxy.refuses = null;
    await one.redeem(TEN);
    expect(usedKeys()).toEqual(['key-1', 'key-2']);
  });

  test('to take over is another wish, with a new key', async () => {
    proxy.fate = () => 'answer_lost';
    const one = flow();
    await one.redeem(TEN);
    proxy.fate = () => 'answered';
    await one.redeem({...TEN, take_over: true});
    expect(usedKeys()).toEqual(['key-1', 'key-2']);
  });

  test('what is in flight is asked for again a few times, and no longer apart than is bearable', async () => {
    const answers = [
      no<Redemption>('in_flight', {...LOST, retryAfterS: 3600}),
      no<Redemption>('outcome_pending', {...LOST, retryAfterS: 2}),
      no<Redemption>('in_flight', LOST),
    ];
    const one = flow({redeemer: redeems(() => answers.shift() ?? yes(redemption()))});
    await one.redeem(TEN);
    expect(waits).toEqual([5000, 2000, 1000]);
    expect(one.stage.at).toBe('applied');
  });

  test('what stays in flight is refused with its key', async () => {
    const one = flow({redeemer: redeems(() => no('in_flight', LOST))});
    await one.redeem(TEN);
    expect(one.stage).toMatchObject({at: 'refused', refusal: {code: 'in_flight'}, again: {key: 'key-1'}});
    expect(waits).toHaveLength(3);
  });

  test('a cart that cannot be changed is not asked about anything', async () => {
    host.shut = 'not_editable';
    const one = flow();
    await one.redeem(TEN);
    expect(one.stage).toMatchObject({at: 'refused', refusal: {code: 'not_editable'}});
    expect(proxy.asked).toEqual([]);
  });

  test('what is applied stays applied when the cart can no longer be changed', async () => {
    const one = flow();
    await one.redeem(TEN);
    host.shut = 'not_editable';
    await one.redeem(FIVE);
    expect(one.stage.at).toBe('applied');
  });
});

describe('when the cart does not take it', () => {
  test('a code that is refused is released', async () => {
    host.takes = () => false;
    const one = flow();
    await one.redeem(TEN);
    expect(one.stage).toMatchObject({at: 'released', because: 'host_refused', freed: true});
    expect(proxy.live.size).toBe(0);
  });

  test('a code that took nothing off is off the cart and released', async () => {
    host.counts = () => false;
    const one = flow();
    await one.redeem(TEN);
    expect(one.stage).toMatchObject({at: 'released', because: 'nothing_came_off'});
    expect([host.codes.size, proxy.live.size]).toEqual([0, 0]);
  });

  test('a release that nobody answered is told as one that time has to free', async () => {
    host.takes = () => false;
    proxy.release = async () => no('offline', LOST);
    const one = flow();
    await one.redeem(TEN);
    expect(one.stage).toMatchObject({at: 'released', freed: false});
  });
});

describe('time', () => {
  test('what has ended is said and off the cart, and the next tap has a new key', async () => {
    const one = flow();
    await one.redeem(TEN);
    now = Date.parse('2026-11-21T10:30:00Z');
    await one.tick();
    expect(one.stage.at).toBe('expired');
    expect([host.codes.size, proxy.live.size]).toEqual([0, 0]);
    await one.redeem(TEN);
    expect(usedKeys()).toEqual(['key-1', 'key-2']);
    expect(one.stage.at).toBe('applied');
  });

  test('until then nothing happens', async () => {
    const one = flow();
    await one.redeem(TEN);
    now = Date.parse('2026-11-21T10:29:59Z');
    await one.tick();
    expect(one.stage.at).toBe('applied');
  });

  test('a lost answer that is asked for too late is over, not applied', async () => {
    proxy.fate = () => 'answer_lost';
    const one = flow();
    await one.redeem(TEN);
    proxy.fate = () => 'answered';
    proxy.live.clear();
    await one.redeem(TEN);
    expect(one.stage.at).toBe('expired');
    await one.redeem(TEN);
    const [first, again, last] = usedKeys();
    expect([first, again]).toEqual(['key-1', 'key-1']);
    expect(last).not.toBe('key-1');
    expect(one.stage.at).toBe('applied');
  });
});

describe('when nobody looks any more', () => {
  const WAITS = ['keys.read', 'quote', 'keys.write', 'redeem', 'apply', 'verify'] as const;

  test.each(WAITS)('during %s: nothing more is written, and what was held is free', async (at) => {
    const gate = held<void>();
    const reached = held<void>();
    const stop = <A extends unknown[], T>(name: string, work: (...args: A) => Promise<T>) => async (...args: A) => {
      if (name !== at) return work(...args);
      const done = await work(...args);
      reached.settle();
      await gate.promise;
      return done;
    };
    const one = flow({
      redeemer: {
        quote: stop('quote', () => proxy.quote()),
        redeem: stop('redeem', (...args) => proxy.redeem(...args)),
        read: (id) => proxy.read(id),
        release: (id) => proxy.release(id),
      },
      host: stopping(stop),
      keys: {read: stop('keys.read', () => keys.read()), write: stop('keys.write', (tap) => keys.write(tap))},
    });
    const tapped = one.redeem(TEN);
    await reached.promise;
    one.forget();
    const told = seen.length;
    gate.settle();
    await tapped;
    expect(seen).toHaveLength(told);
    expect(one.stage.at).toBe('idle');
    expect([proxy.live.size, host.codes.size]).toEqual([0, 0]);
    // What was not sent by then is not sent any more.
    expect(proxy.asked).toHaveLength(WAITS.indexOf(at) < WAITS.indexOf('redeem') ? 0 : 1);
  });

  test('a release that is under way is finished', async () => {
    const one = flow();
    await one.redeem(TEN);
    const leaving = one.remove('customer_changed');
    one.forget();
    await leaving;
    expect([proxy.live.size, host.codes.size]).toEqual([0, 0]);
    expect(proxy.released).toHaveLength(1);
  });

  test('an answer that is lost after that leaves its key for the next time', async () => {
    const gate = held<void>();
    const sent = held<void>();
    const one = flow({
      redeemer: redeems(async () => {
        sent.settle();
        await gate.promise;
        return no('timeout', LOST);
      }),
    });
    const tapped = one.redeem(TEN);
    await sent.promise;
    one.forget();
    gate.settle();
    await tapped;
    expect(keys.kept).toMatchObject({wish: TEN});
  });

  function stopping(stop: <A extends unknown[], T>(name: string, work: (...args: A) => Promise<T>) => (...args: A) => Promise<T>): Host {
    return {
      closed: () => host.closed(),
      cart: () => host.cart(),
      scope: () => host.scope(),
      apply: stop('apply', (each: Redemption) => host.apply(each)),
      verify: stop('verify', (each: Redemption) => host.verify(each)),
      remove: (each) => host.remove(each),
    };
  }
});

describe('a surface that fails', () => {
  const broken = (): never => {
    throw new Error('broken');
  };

  test.each([
    ['closed', 'refused'],
    ['cart', 'applied'],
    ['scope', 'applied'],
    ['apply', 'released'],
    ['verify', 'released'],
  ] as const)('in %s: the flow ends as %s', async (method, ends) => {
    const one = flow({host: Object.assign(new MemoryHost(), {[method]: broken})});
    await one.redeem(TEN);
    expect(one.stage.at).toBe(ends);
    expect(proxy.live.size).toBe(ends === 'applied' ? 1 : 0);
  });

  test('in remove: it is released all the same', async () => {
    const one = flow({host: Object.assign(new MemoryHost(), {remove: broken})});
    await one.redeem(TEN);
    await one.remove();
    expect(one.stage).toMatchObject({at: 'released', freed: true});
  });

  test('in drawing: the redemption goes its way', async () => {
    const one = flow({changed: broken});
    await one.redeem(TEN);
    expect(one.stage.at).toBe('applied');
  });

  test('in what it declares: the wish is refused, and may be asked again', async () => {
    const one = flow({redeemer: redeems(broken)});
    await one.redeem(TEN);
    expect(one.stage).toMatchObject({at: 'refused', again: {key: 'key-1'}});
  });
});

test('what is handed over is applied by its attribute, though it takes no money off', async () => {
  const given = handedOver();
  const one = flow({
    redeemer: redeems(() => yes(given)),
    host: Object.assign(new MemoryHost(), {apply: async () => true, verify: async () => null}),
  });
  await one.redeem({benefit: {id: 7, uses: 1}});
  expect(one.stage).toEqual({at: 'applied', redemption: given, off: null});
});

function redeems(answer: () => Answer<Redemption> | Promise<Answer<Redemption>>): Tools['redeemer'] {
  return {
    quote: () => proxy.quote(),
    redeem: async () => answer(),
    read: (id) => proxy.read(id),
    release: (id) => proxy.release(id),
  };
}
