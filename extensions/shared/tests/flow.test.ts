// @vitest-environment node
import {beforeEach, describe, expect, test, vi} from 'vitest';
import type {Redemption} from '../src/client';
import {MemoryHost} from './proxy';
import {FIVE, handedOver, no, redemption, TEN, yes} from './sample';
import {LOST, Scene} from './scene';

let scene: Scene;

beforeEach(() => {
  scene = new Scene();
});

describe('the good road', () => {
  test('goes through every stage in turn and says what came off', async () => {
    const one = scene.flow();
    await one.redeem(TEN);
    expect(scene.seen.map(({at}) => at)).toEqual(['quoting', 'holding', 'applying', 'verifying', 'applied']);
    expect(one.stage).toMatchObject({at: 'applied', off: {minor: 1000, currency: 'AUD'}});
    expect(scene.keys.kept).toBeNull();
  });

  test('the redemption is asked for on the cart that the host names', async () => {
    await scene.flow().redeem(TEN);
    expect(scene.proxy.asked).toEqual([{wish: TEN, cart: 'cart-1', key: 'key-1'}]);
  });

  test('the key is kept before the wish is sent', async () => {
    let kept: unknown = null;
    scene.proxy.fate = () => {
      kept = scene.keys.kept;
      return 'answered';
    };
    await scene.flow().redeem(TEN);
    expect(kept).toEqual({wish: TEN, key: 'key-1'});
  });

  test('what is removed is off the cart and free', async () => {
    const one = scene.flow();
    await one.redeem(TEN);
    await one.remove();
    expect(one.stage).toMatchObject({at: 'released', because: 'removed', freed: true});
    expect(scene.left).toEqual([0, 0]);
  });

  test('another amount takes the place of the first, whose code leaves the cart', async () => {
    const one = scene.flow();
    await one.redeem(TEN);
    await one.redeem(FIVE);
    expect(one.stage).toMatchObject({at: 'applied', redemption: {amount: {amount: '5.00'}}});
    expect([...scene.host.codes].every((code) => scene.proxy.worksNow(code))).toBe(true);
    expect(scene.left).toEqual([1, 1]);
  });

  test('an open redemption that is not on the cart is put there without another one', async () => {
    await scene.proxy.redeem(TEN, 'cart-1', 'before');
    const [open] = scene.proxy.granted.values();
    await scene.flow().resume(open as Redemption);
    expect(scene.seen.at(-1)?.at).toBe('applied');
    expect(scene.proxy.granted.size).toBe(1);
  });
});

describe('when the cart does not take it', () => {
  test('a code that is refused is released', async () => {
    scene.host.takes = () => false;
    const one = scene.flow();
    await one.redeem(TEN);
    expect(one.stage).toMatchObject({at: 'released', because: 'host_refused', freed: true});
    expect(scene.proxy.live.size).toBe(0);
  });

  test('a code that took nothing off is off the cart and released', async () => {
    scene.host.counts = () => false;
    const one = scene.flow();
    await one.redeem(TEN);
    expect(one.stage).toMatchObject({at: 'released', because: 'nothing_came_off'});
    expect(scene.left).toEqual([0, 0]);
  });

  test('a release that nobody answered is told as one that time has to free', async () => {
    scene.host.takes = () => false;
    scene.proxy.release = async () => no('offline', LOST);
    const one = scene.flow();
    await one.redeem(TEN);
    expect(one.stage).toMatchObject({at: 'released', freed: false});
  });
});

test('what was paid with in another window is not said to be free when it is removed', async () => {
  const one = scene.flow();
  await one.redeem(TEN);
  scene.proxy.release = async (id) => yes(redemption({id, code: null, state: 'captured', order_id: '1'}));
  await one.remove();
  expect(one.stage).toMatchObject({at: 'released', because: 'used'});
});

describe('time', () => {
  test('what has ended is said and off the cart, and the next tap has a new key', async () => {
    const one = scene.flow();
    await one.redeem(TEN);
    scene.now = Date.parse('2026-11-21T10:30:00Z');
    scene.proxy.live.clear();
    await one.tick();
    expect(one.stage.at).toBe('expired');
    expect(scene.left).toEqual([0, 0]);
    await one.redeem(TEN);
    expect(scene.usedKeys).toEqual(['key-1', 'key-2']);
    expect(one.stage.at).toBe('applied');
  });

  test('a clock that is ahead takes nothing off, and asks no more than once a minute', async () => {
    const one = scene.flow();
    await one.redeem(TEN);
    const read = vi.spyOn(scene.proxy, 'read');
    scene.now = Date.parse('2026-11-21T12:00:00Z');
    for (let second = 0; second < 60; second += 5) {
      await one.tick();
      scene.now += 5_000;
    }
    expect(one.stage.at).toBe('applied');
    expect(scene.left).toEqual([1, 1]);
    expect(read).toHaveBeenCalledTimes(1);
    scene.proxy.live.clear();
    await one.tick();
    expect(one.stage.at).toBe('expired');
  });

  test('where nobody answers, what this clock says is over is off the cart and released', async () => {
    const one = scene.flow();
    await one.redeem(TEN);
    scene.proxy.read = async () => no('offline');
    scene.now = Date.parse('2026-11-21T10:30:00Z');
    await one.tick();
    expect(one.stage.at).toBe('expired');
    expect(scene.left).toEqual([0, 0]);
  });

  test('what an order was paid with meanwhile is not said to be over', async () => {
    const one = scene.flow();
    await one.redeem(TEN);
    scene.proxy.read = async (id) => yes(redemption({id, code: null, state: 'captured', order_id: '1'}));
    scene.now = Date.parse('2026-11-21T10:30:00Z');
    await one.tick();
    expect(one.stage).toMatchObject({at: 'released', because: 'used'});
    expect(scene.host.codes.size).toBe(0);
  });

  test('until then nothing happens', async () => {
    const one = scene.flow();
    await one.redeem(TEN);
    scene.now = Date.parse('2026-11-21T10:29:59Z');
    await one.tick();
    expect(one.stage.at).toBe('applied');
  });

  test('a lost answer that is asked for too late is over, not applied', async () => {
    scene.proxy.fate = () => 'answer_lost';
    const one = scene.flow();
    await one.redeem(TEN);
    scene.proxy.fate = () => 'answered';
    scene.proxy.live.clear();
    await one.redeem(TEN);
    expect(one.stage.at).toBe('expired');
    await one.redeem(TEN);
    const [first, again, last] = scene.usedKeys;
    expect([first, again]).toEqual(['key-1', 'key-1']);
    expect(last).not.toBe('key-1');
    expect(one.stage.at).toBe('applied');
  });
});

test('what is handed over is applied by its attribute, though it takes no money off', async () => {
  const given = handedOver();
  const one = scene.flow({
    redeemer: scene.redeems(() => yes(given)),
    host: Object.assign(new MemoryHost(), {apply: async () => true, verify: async () => null}),
  });
  await one.redeem({benefit: {id: 7, uses: 1}});
  expect(one.stage).toEqual({at: 'applied', redemption: given, off: null});
});
