// @vitest-environment node
import {beforeEach, describe, expect, test} from 'vitest';
import type {Redemption} from '../src/client';
import type {Host} from '../src/redeem';
import {MemoryHost} from './proxy';
import {no, TEN} from './sample';
import {gate, LOST, Scene} from './scene';

let scene: Scene;

beforeEach(() => {
  scene = new Scene();
});

describe('when nobody looks any more', () => {
  const WAITS = ['keys.read', 'quote', 'keys.write', 'redeem', 'apply', 'verify'] as const;

  test.each(WAITS)('during %s: nothing more is written, and what was held is free', async (at) => {
    const closed = gate();
    const reached = gate();
    const stop = <A extends unknown[], T>(name: string, work: (...args: A) => Promise<T>) => async (...args: A) => {
      if (name !== at) return work(...args);
      const done = await work(...args);
      reached.open();
      await closed.promise;
      return done;
    };
    const one = scene.flow({
      redeemer: {
        quote: stop('quote', () => scene.proxy.quote()),
        redeem: stop('redeem', (...args) => scene.proxy.redeem(...args)),
        read: (id) => scene.proxy.read(id),
        release: (id) => scene.proxy.release(id),
      },
      host: stopping(stop),
      keys: {
        read: stop('keys.read', () => scene.keys.read()),
        write: stop('keys.write', (tap) => scene.keys.write(tap)),
      },
    });
    const tapped = one.redeem(TEN);
    await reached.promise;
    one.forget();
    const told = scene.seen.length;
    closed.open();
    await tapped;
    expect(scene.seen).toHaveLength(told);
    expect(one.stage.at).toBe('idle');
    expect(scene.left).toEqual([0, 0]);
    // What was not sent by then is not sent any more.
    expect(scene.proxy.asked).toHaveLength(WAITS.indexOf(at) < WAITS.indexOf('redeem') ? 0 : 1);
  });

  test('a release that is under way is finished', async () => {
    const one = scene.flow();
    await one.redeem(TEN);
    const leaving = one.remove('customer_changed');
    one.forget();
    await leaving;
    expect(scene.left).toEqual([0, 0]);
    expect(scene.proxy.released).toHaveLength(1);
  });

  test('the key of a lost answer is not used for whoever comes next', async () => {
    scene.proxy.fate = () => 'answer_lost';
    const one = scene.flow();
    await one.redeem(TEN);
    one.forget();
    scene.keys.kept = null; // another's store
    await one.redeem(TEN);
    expect(scene.usedKeys).toEqual(['key-1', 'key-2']);
  });

  test('an answer that is lost after that leaves its key for the next time', async () => {
    const closed = gate();
    const sent = gate();
    const one = scene.flow({
      redeemer: scene.redeems(async () => {
        sent.open();
        await closed.promise;
        return no('timeout', LOST);
      }),
    });
    const tapped = one.redeem(TEN);
    await sent.promise;
    one.forget();
    closed.open();
    await tapped;
    expect(scene.keys.kept).toMatchObject({wish: TEN});
  });

  type Stop = <A extends unknown[], T>(name: string, work: (...args: A) => Promise<T>) => (...args: A) => Promise<T>;

  function stopping(stop: Stop): Host {
    return {
      closed: () => scene.host.closed(),
      cart: () => scene.host.cart(),
      scope: () => scene.host.scope(),
      apply: stop('apply', (each: Redemption) => scene.host.apply(each)),
      verify: stop('verify', (each: Redemption) => scene.host.verify(each)),
      remove: (each) => scene.host.remove(each),
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
    const one = scene.flow({host: Object.assign(new MemoryHost(), {[method]: broken})});
    await one.redeem(TEN);
    expect(one.stage.at).toBe(ends);
    expect(scene.proxy.live.size).toBe(ends === 'applied' ? 1 : 0);
  });

  test('in remove: it is released all the same', async () => {
    const one = scene.flow({host: Object.assign(new MemoryHost(), {remove: broken})});
    await one.redeem(TEN);
    await one.remove();
    expect(one.stage).toMatchObject({at: 'released', freed: true});
  });

  test('in drawing: the redemption goes its way', async () => {
    const one = scene.flow({changed: broken});
    await one.redeem(TEN);
    expect(one.stage.at).toBe('applied');
  });

  test('in what it declares: the wish is refused, and may be asked again', async () => {
    const one = scene.flow({redeemer: scene.redeems(broken)});
    await one.redeem(TEN);
    expect(one.stage).toMatchObject({at: 'refused', again: {key: 'key-1'}});
  });
});
