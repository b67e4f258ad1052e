/// <reference types="@shopify/ui-extensions/pos.home.tile.render" />
import {getExtension} from '@shopify/ui-extensions-tester';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {close, disabled, sees} from '../../pos-shared/tests/screen';
import {standInTill, type TillState} from '../../pos-shared/tests/stand_in_till';
import {strangers} from '../../test-support/src/components';
import {ProxyStandIn} from '../../test-support/src/proxy';

const TARGET = 'pos.home.tile.render';
const extension = getExtension(TARGET);
let till: TillState;
let proxy: ProxyStandIn;

beforeEach(() => {
  extension.setUp();
  till = standInTill();
  proxy = new ProxyStandIn();
  extension.fetch = proxy.fetch;
});

afterEach(() => {
  expect(strangers(TARGET)).toEqual([]);
  close();
  extension.tearDown();
});

test('it opens the history of whoever is on the cart, and asks nobody before', async () => {
  await extension.render();
  await sees('Purchase history');
  (document.querySelector('s-tile') as HTMLElement).click();
  expect(till.modals).toBe(1);
  expect(proxy.asked).toEqual([]);
});

test('without a customer it cannot be tapped', async () => {
  till.setCustomer(null);
  await extension.render();
  await sees('Add a customer to the cart');
  expect(disabled(document.querySelector('s-tile'))).toBe(true);
});
