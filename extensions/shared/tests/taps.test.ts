// @vitest-environment node
import {beforeEach, describe, expect, test} from 'vitest';
import type {Answer, Redemption} from '../src/client';
import type {KeyStore} from '../src/redeem';
import {FIVE, no, quote, redemption, TEN, yes} from './sample';
import {gate, LOST, Scene} from './scene';

let scene: Scene;

beforeEach(() => {
  scene = new Scene();
});

describe('taps', () => {
  test('two taps at once send one request', async () => {
    const one = scene.flow();
    await Promise.all([one.redeem(TEN), one.redeem(TEN)]);
    expect(scene.proxy.asked).toHaveLength(1);
  });

  test('a tap while one is under way changes nothing, though the cart has been closed by now', async () => {
    const one = scene.flow();
    const first = one.redeem(TEN);
    scene.host.shut = 'not_editable';
    await one.redeem(TEN);
    expect(one.stage.at).not.toBe('refused');
    await first;
    expect(one.stage.at).toBe('applied');
  });

  test('a dropped answer is asked for again with the same key', async () => {
    const fates = ['answer_lost', 'answered'] as const;
    scene.proxy.fate = () => fates[scene.proxy.asked.length - 1] ?? 'answered';
    const one = scene.flow();
    await one.redeem(TEN);
    expect(one.stage).toMatchObject({at: 'refused', again: {key: 'key-1'}});
    await one.redeem(TEN);
    expect(scene.usedKeys).toEqual(['key-1', 'key-1']);
    expect(scene.proxy.granted.size).toBe(1);
    expect(one.stage.at).toBe('applied');
  });

  test('so it is after a reload', async () => {
    scene.proxy.fate = () => 'answer_lost';
    await scene.flow().redeem(TEN);
    scene.proxy.fate = () => 'answered';
    await scene.flow().redeem(TEN);
    expect(scene.usedKeys).toEqual(['key-1', 'key-1']);
    expect(scene.host.codes.size).toBe(1);
  });

  test('so it is where the storage keeps nothing', async () => {
    const broken: KeyStore = {
      read: () => Promise.reject(new Error('full')),
      write: () => Promise.reject(new Error('full')),
    };
    scene.proxy.fate = () => 'answer_lost';
    const one = scene.flow({keys: broken});
    await one.redeem(TEN);
    scene.proxy.fate = () => 'answered';
    await one.redeem(TEN);
    expect(scene.usedKeys).toEqual(['key-1', 'key-1']);
  });

  test('no quote is asked for a wish that may hold by now what the quote would miss', async () => {
    scene.proxy.fate = () => 'answer_lost';
    const one = scene.flow();
    await one.redeem(TEN);
    scene.proxy.fate = () => 'answered';
    scene.proxy.quote = async () => quote('insufficient_balance');
    await one.redeem(TEN);
    expect(one.stage.at).toBe('applied');
  });

  test('a lost answer that is found on a load is asked for no more', async () => {
    scene.proxy.fate = () => 'answer_lost';
    const one = scene.flow();
    await one.redeem(TEN);
    scene.proxy.fate = () => 'answered';
    await one.resume([...scene.proxy.granted.values()][0] ?? redemption());
    expect(scene.keys.kept).toBeNull();
    await one.remove();
    await one.redeem(TEN);
    expect(scene.usedKeys).toEqual(['key-1', 'key-2']);
    expect(one.stage.at).toBe('applied');
  });

  test('what is found while a wish is under way does not end its key', async () => {
    const sent = gate();
    const answered = gate();
    const one = scene.flow({
      redeemer: scene.redeems(async () => {
        sent.open();
        await answered.promise;
        return no('timeout', LOST);
      }),
    });
    const tapped = one.redeem(TEN);
    await sent.promise;
    await one.found(redemption(), null);
    answered.open();
    await tapped;
    expect(one.stage.at).toBe('refused');
    expect(scene.keys.kept).toEqual({wish: TEN, key: 'key-1'});
  });

  test('a refusal that nobody looked at the key for keeps it', async () => {
    const answers: Answer<Redemption>[] = [
      no('timeout', LOST),
      no('rate_limited', {retryable: true}),
      no('no_permission'),
    ];
    const one = scene.flow({redeemer: scene.redeems(() => answers.shift() ?? yes(redemption()))});
    for (const _ of [1, 2, 3]) {
      await one.redeem(TEN);
      expect(scene.keys.kept).toEqual({wish: TEN, key: 'key-1'});
    }
    await one.redeem(TEN);
    expect(scene.keys.kept).toBeNull();
  });

  test('a final refusal frees the key, and the next tap has a new one', async () => {
    scene.proxy.refuses = 'insufficient_balance';
    const one = scene.flow();
    await one.redeem(TEN);
    expect(one.stage).toMatchObject({at: 'refused', again: null});
    scene.proxy.refuses = null;
    await one.redeem(TEN);
    expect(scene.usedKeys).toEqual(['key-1', 'key-2']);
  });

  test('to take over is another wish, with a new key', async () => {
    scene.proxy.fate = () => 'answer_lost';
    const one = scene.flow();
    await one.redeem(TEN);
    scene.proxy.fate = () => 'answered';
    await one.redeem({...TEN, take_over: true});
    expect(scene.usedKeys).toEqual(['key-1', 'key-2']);
  });

  test('what is in flight is asked for again a few times, and no longer apart than is bearable', async () => {
    const answers = [
      no<Redemption>('in_flight', {...LOST, retryAfterS: 3600}),
      no<Redemption>('outcome_pending', {...LOST, retryAfterS: 2}),
      no<Redemption>('in_flight', LOST),
    ];
    const one = scene.flow({redeemer: scene.redeems(() => answers.shift() ?? yes(redemption()))});
    await one.redeem(TEN);
    expect(scene.waits).toEqual([5000, 2000, 1000]);
    expect(one.stage.at).toBe('applied');
  });

  test('what stays in flight is refused with its key', async () => {
    const one = scene.flow({redeemer: scene.redeems(() => no('in_flight', LOST))});
    await one.redeem(TEN);
    expect(one.stage).toMatchObject({at: 'refused', refusal: {code: 'in_flight'}, again: {key: 'key-1'}});
    expect(scene.waits).toHaveLength(3);
  });

  test('a cart that cannot be changed is not asked about anything', async () => {
    scene.host.shut = 'not_editable';
    const one = scene.flow();
    await one.redeem(TEN);
    expect(one.stage).toMatchObject({at: 'refused', refusal: {code: 'not_editable'}});
    expect(scene.proxy.asked).toEqual([]);
  });

  test('what is applied stays applied when the cart can no longer be changed', async () => {
    const one = scene.flow();
    await one.redeem(TEN);
    scene.host.shut = 'not_editable';
    await one.redeem(FIVE);
    expect(one.stage.at).toBe('applied');
  });
});
