/// <reference types="@shopify/ui-extensions/pos.customer-details.block.render" />
import {getExtension} from '@shopify/ui-extensions-tester';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {overview} from '../../pos-shared/tests/samples';
import {button, close, seen, sees, tap} from '../../pos-shared/tests/screen';
import {standInTill, type TillState} from '../../pos-shared/tests/stand_in_till';
import {balance} from '../../test-support/src/answers';
import {strangers} from '../../test-support/src/components';
import {json, later, problem, type ProxyStandIn} from '../../test-support/src/proxy';
import {answering, CUSTOMER} from './customer';

const TARGET = 'pos.customer-details.block.render';
const extension = getExtension(TARGET);
let till: TillState;
let proxy: ProxyStandIn;

beforeEach(() => {
  extension.setUp();
  // Whoever's details are open need not be on the cart.
  till = standInTill({customer: null});
  proxy = answering();
  extension.fetch = proxy.fetch;
});

afterEach(() => {
  expect(strangers(TARGET)).toEqual([]);
  close();
  extension.tearDown();
});

test('it says what the customer has, and opens the rest', async () => {
  await extension.render();
  await sees('A$25.00 available');
  for (const text of ['A$5.00 expires on Dec 1, 2026', 'Tier: Gold', '2 benefits to use'])
    expect(seen()).toContain(text);
  await tap('Show all');
  expect(till.modals).toBe(1);
});

test('what is redeemed meanwhile is seen in the balance', async () => {
  await extension.render();
  await sees('A$25.00 available');
  proxy.on(CUSTOMER, () => json(overview({balance: balance('12.50')})));
  till.cart.value = {...till.cart.value, properties: {_redemption_00000001: 'rdm_1'}};
  await sees('A$12.50 available');
});

test('while it reads it says so', async () => {
  proxy.on(CUSTOMER, later().answer);
  await extension.render();
  await sees('Loading rewards');
});

test.each([
  ['403', () => problem(403, 'login_required'), 'Sign in to use rewards.'],
  ['no connection', () => Promise.reject(new TypeError('gone')), 'Rewards need a connection'],
  ['another shape', () => json({hello: 'there'}), 'Rewards could not be reached'],
])('%s is explained', async (_, answer, text) => {
  proxy.on(CUSTOMER, answer);
  await extension.render();
  await sees(text);
});

test('a login that may not use the app is told so, without a button that cannot help', async () => {
  till.token = async () => undefined;
  await extension.render();
  await sees('This login may not use the rewards app');
  expect(button('Try again')).toBeNull();
});

test.each([
  ['pending_profile', 'The rewards account is being set up.'],
  ['profile_deleted', 'This customer no longer has a rewards account.'],
  ['profile_inactive', 'The rewards account is not active.'],
] as const)('a status of %s is said', async (status, text) => {
  proxy.on(CUSTOMER, () => json(overview({status})));
  await extension.render();
  await sees(text);
});
