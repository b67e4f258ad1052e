/// <reference types="@shopify/ui-extensions/pos.home.tile.render" />
import {getExtension} from '@shopify/ui-extensions-tester';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {overview} from '../../pos-shared/tests/samples';
import {close, disabled, sees} from '../../pos-shared/tests/screen';
import {standInTill, type TillState} from '../../pos-shared/tests/stand_in_till';
import {strangers} from '../../test-support/src/components';
import {json, type ProxyStandIn} from '../../test-support/src/proxy';
import {answering, CUSTOMER} from './customer';

const TARGET = 'pos.home.tile.render';
const extension = getExtension(TARGET);
let till: TillState;
let proxy: ProxyStandIn;

beforeEach(() => {
  extension.setUp();
  till = standInTill();
  proxy = answering();
  extension.fetch = proxy.fetch;
});

afterEach(() => {
  expect(strangers(TARGET)).toEqual([]);
  close();
  extension.tearDown();
});

test('it says who is on the cart', async () => {
  await extension.render();
  await sees('Ada Byron · Gold');
});

test('it can be tapped without a customer, to find one', async () => {
  till.setCustomer(null);
  await extension.render();
  await sees('Add a customer to the cart');
  expect(disabled(document.querySelector('s-tile'))).toBe(false);
});

test.each([
  ['pending_profile', 'The rewards account is being set up.'],
  ['profile_deleted', 'This customer no longer has a rewards account.'],
] as const)('a status of %s is said', async (status, text) => {
  proxy.on(CUSTOMER, () => json(overview({status, profile: null, tier: null})));
  await extension.render();
  await sees(text);
});
