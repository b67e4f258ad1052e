import {getExtension} from '@shopify/ui-extensions-tester';
import {waitFor} from '@testing-library/preact';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {balance, redemption, rewards, use} from '../../test-support/src/answers';
import {strangers} from '../../test-support/src/components';
import {live, setOptional} from '../../test-support/src/fields';
import {json, later, problem, ProxyStandIn} from '../../test-support/src/proxy';
import {spoken} from '../../test-support/src/texts';
import texts from '../locales/en.default.json';
import {allocation, leave, says, strike, text, type Allocation} from './stage';

const TARGET = 'purchase.thank-you.block.render';
const extension = getExtension(TARGET);
let proxy: ProxyStandIn;
let codes: {value: {code: string}[]};
let allocations: {value: Allocation[]};

beforeEach(() => {
  extension.setUp();
  const {shopify} = extension;
  proxy = new ProxyStandIn().on('GET /v1/rewards', () => json(rewards({balance: balance('12.50')})));
  extension.fetch = proxy.fetch;
  setOptional(shopify, 'i18n', spoken(texts));
  setOptional(shopify.extension, 'editor', undefined);
  setOptional(shopify, 'buyerIdentity', {customer: {value: {id: 'gid://shopify/Customer/1'}}});
  live(shopify, 'settings', {heading: ''});
  live(shopify.cost, 'subtotalAmount', {amount: 100, currencyCode: 'AUD'});
  codes = live<{code: string}[]>(shopify, 'discountCodes', [{code: 'rw-test-1'}]);
  allocations = live<Allocation[]>(shopify, 'discountAllocations', [allocation('rw-test-1', 12.5)]);
});

afterEach(() => {
  expect(strangers(TARGET)).toEqual([]);
  strike({extension});
});

async function applied(...all: {redemption: ReturnType<typeof redemption>; name: string | null}[]): Promise<void> {
  await extension.shopify.storage.write('applied', all);
}

test('what was used is said, and what is left', async () => {
  await applied({redemption: redemption(), name: null});
  await extension.render();
  await says('You used A$12.50 of your rewards on this order.');
  await says('You have A$12.50 left.');
});

test('without a memory what is still open at the proxy is known by its code', async () => {
  proxy.on('GET /v1/rewards', () => json(rewards({redemptions: [redemption()]})));
  await extension.render();
  await says('You used A$12.50');
});

test('while the proxy is away what was used is still said', async () => {
  proxy.on('GET /v1/rewards', () => problem(503, 'upstream_unavailable'));
  await applied({redemption: redemption(), name: null});
  await extension.render();
  await says('You used A$12.50');
  expect(text()).not.toContain('left');
});

test.each([
  ['an answer without what is open', {redemptions: undefined}],
  ['a balance that is no amount', {balance: {available: {amount: 'much', currencyCode: 'AUD'}}}],
])('with %s what was used is still said', async (_, changed) => {
  proxy.on('GET /v1/rewards', () => json({...rewards(), ...changed}));
  await applied({redemption: redemption(), name: null});
  await extension.render();
  await says('You used A$12.50');
  expect(text()).not.toContain('left');
});

test('what an older release remembered otherwise is left out', async () => {
  await extension.shopify.storage.write('applied', [null, {code: 'rw-test-1'}, {redemption: redemption(), name: null}]);
  await extension.render();
  await says('You used A$12.50');
});

test('a benefit is said by its name', async () => {
  await applied({redemption: use('percentage'), name: 'Birthday treat'});
  await extension.render();
  await says('You used Birthday treat on this order.');
});

test('other codes, and one that took nothing off, are no rewards', async () => {
  await applied(
    {redemption: redemption({code: 'RW-OTHER'}), name: null},
    {redemption: use('percentage', {id: 'red_3', code: 'RW-GONE'}), name: 'Birthday treat'},
  );
  allocations.value = [];
  proxy.on('GET /v1/rewards', () => json(rewards({redemptions: [redemption({id: 'red_2'})]})));
  await extension.render();
  await waitFor(() => expect(proxy.times('GET /v1/rewards')).toBe(1));
  await waitFor(() => expect(document.body.innerHTML).toBe(''));
});

test('a guest is not asked about', async () => {
  setOptional(extension.shopify, 'buyerIdentity', {customer: {value: undefined}});
  await applied({redemption: redemption(), name: null});
  await extension.render();
  await says('You used A$12.50');
  expect(proxy.asked).toEqual([]);
  expect(text()).not.toContain('left');
});

test('nobody is asked about an order that carries no code', async () => {
  codes.value = [];
  const read = vi.spyOn(extension.shopify.storage, 'read');
  const looked = vi.fn(() => []);
  setOptional(extension.shopify, 'attributes', Object.defineProperty({}, 'value', {get: looked}));
  await extension.render();
  await waitFor(() => expect(looked).toHaveBeenCalled());
  expect(document.body.innerHTML).toBe('');
  expect(read).not.toHaveBeenCalled();
  expect(proxy.asked).toEqual([]);
});

test('who leaves before the answer is written nothing', async () => {
  const kept = later();
  proxy.on('GET /v1/rewards', kept.answer);
  await applied({redemption: redemption(), name: null});
  await extension.render();
  await waitFor(() => expect(proxy.times('GET /v1/rewards')).toBe(1));
  leave();
  kept.give(json(rewards()));
  await kept.answer();
  expect(document.body.innerHTML).toBe('');
});

test('a merchant in the editor sees an example that says so', async () => {
  setOptional(extension.shopify.extension, 'editor', {type: 'checkout'});
  await extension.render();
  await says('Example');
  await says('You used A$12.50');
});
