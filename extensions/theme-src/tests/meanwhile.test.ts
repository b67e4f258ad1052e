/** What a page does when something else happens too: another tap, window or customer, a cart that lags. */
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import type {Redemption} from '../../shared/src/client';
import {part, settled, shown, tap, World} from './world';

let world: World;

beforeEach(() => {
  vi.useFakeTimers({now: new Date('2026-11-21T10:00:00Z')});
  world = new World();
});

afterEach(() => {
  for (const place of [...document.body.children]) place.remove();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const BENEFIT = {
  id: 7,
  name: 'Benefit 7',
  applicable: true,
  reason: null,
  expires_at: null,
  effect: {kind: 'free_shipping', percent: null, amount: null, on: 'order'},
};

const row = (place: ParentNode) => place.querySelector('[data-benefit="7"]') as HTMLElement;

function comeBack(): Promise<void> {
  window.dispatchEvent(Object.assign(new Event('pageshow'), {persisted: true}));
  return settled();
}

test('while the amount is applied no benefit can be tapped: two at once would write over a code', async () => {
  world.benefits = [BENEFIT];
  const {updates} = world.withActions();
  const place = await world.open();
  part(place, 'all').click();
  expect(part(row(place), 'apply').getAttribute('aria-disabled')).toBe('true');
  part(row(place), 'apply').click();
  await settled();
  expect(updates).toEqual([['OURS-1']]);
  expect(world.to('POST', '/v1/redemptions')).toHaveLength(1);
  await tap(row(place), 'apply');
  expect(world.codes).toEqual(['OURS-1', 'OURS-2']);
});

test('a cart that does not take the attribute is not said to have it, and the use is given free', async () => {
  world.benefits = [{...BENEFIT, effect: {...BENEFIT.effect, kind: 'record'}}];
  const place = await world.open();
  world.instead.push(['POST /cart/update.js', () => new Response('', {status: 422})]);
  await tap(row(place), 'apply');
  expect(shown(row(place), 'said')).toContain('could not be added to the cart');
  expect(world.live).toEqual([]);
});

test('a cart that lags behind its own change takes nothing off', async () => {
  world.withActions();
  const place = await world.open();
  await tap(place, 'all');
  const before = Response.json({...world.cart, discount_codes: []});
  world.instead.push(['GET /cart.js', () => before]);
  document.dispatchEvent(new Event('shopify:cart:discount-update'));
  await settled();
  expect(world.live).toHaveLength(1);
  expect(shown(place, 'said')).toBe('$25.00 of rewards applied.');
});

test('a page that comes back after its cart was paid for says nothing of that cart', async () => {
  world.withActions();
  const place = await world.open();
  await tap(place, 'all');
  world.redemptions[0] = {...(world.redemptions[0] as Redemption), state: 'captured', code: null};
  Object.assign(world, {codes: [], held: 0});
  await comeBack();
  expect(shown(place, 'said')).toBe('');
  expect(shown(place, 'remove')).toBeNull();
});

test('a page that comes back with its code on the cart shows it', async () => {
  world.withActions();
  const place = await world.open();
  await tap(place, 'all');
  await comeBack();
  expect(shown(place, 'said')).toBe('$25.00 of rewards applied.');
  expect(world.live).toHaveLength(1);
});

test('a page that comes back asks anew who is signed in', async () => {
  const place = await world.open();
  expect(shown(place, 'balance')).toBe('$25.00 available');
  world.anonymous = true;
  await comeBack();
  expect(shown(place, 'balance')).toBeNull();
  expect(shown(place, 'guest')).not.toBeNull();
});

test('what was left at the checkout is offered here', async () => {
  world.withActions();
  await tap(await world.open(), 'all');
  world.codes = [];
  world.redemptions[0] = {...(world.redemptions[0] as Redemption), surface: 'checkout'};
  const place = await world.reopen();
  expect(shown(place, 'offer')).toBe('Use here instead');
  await tap(place, 'offer');
  expect(shown(place, 'said')).toBe('$25.00 of rewards applied.');
});

test('a benefit whose last use is held can be used here instead, so that no lost answer locks it up', async () => {
  world.benefits = [BENEFIT];
  world.withActions();
  await tap(row(await world.open()), 'apply');
  world.codes = [];
  world.benefits = [{...BENEFIT, applicable: false, reason: 'in_use'}];
  const place = await world.reopen();
  expect(shown(row(place), 'apply')).toBeNull();
  expect(shown(row(place), 'offer')).toBe('Use here instead');
  await tap(row(place), 'offer');
  expect(world.to('POST', '/v1/redemptions').at(-1)?.body).toMatchObject({benefit: {id: 7, uses: 1}, take_over: true});
  expect(shown(row(place), 'said')).toBe('Benefit 7 applied.');
});

test('a block that is moved before its script came follows the page once', async () => {
  const opening = world.open();
  const block = document.querySelector('rewards-balance') as HTMLElement;
  document.body.append(block);
  await opening;
  await settled();
  expect(world.to('GET', '/v1/rewards')).toHaveLength(1);
  block.remove();
  expect(vi.getTimerCount()).toBe(0);
});
