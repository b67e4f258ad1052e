/// <reference types="@shopify/ui-extensions/pos.home.tile.render" />
import {getExtension} from '@shopify/ui-extensions-tester';
import {waitFor} from '@testing-library/preact';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {overview, redemption} from '../../pos-shared/tests/samples';
import {close, disabled, sees} from '../../pos-shared/tests/screen';
import {standInTill, type TillState} from '../../pos-shared/tests/stand_in_till';
import {strangers} from '../../test-support/src/components';
import {json, ProxyStandIn} from '../../test-support/src/proxy';

const TARGET = 'pos.home.tile.render';
const CUSTOMER = 'GET /v1/pos/customers/7';
const RELEASE = 'DELETE /v1/pos/redemptions/*';
const extension = getExtension(TARGET);
let till: TillState;
let proxy: ProxyStandIn;

beforeEach(() => {
  extension.setUp();
  till = standInTill();
  proxy = new ProxyStandIn().on(CUSTOMER, () => json(overview())).on(RELEASE, () => json(redemption({code: null})));
  extension.fetch = proxy.fetch;
});

afterEach(() => {
  expect(strangers(TARGET)).toEqual([]);
  close();
  extension.tearDown();
});

const tile = () => document.querySelector('s-tile') as (HTMLElement & {itemCount?: number}) | null;

test('it counts the benefits of whoever is on the cart', async () => {
  await extension.render();
  await sees('2 benefits to use');
  expect(tile()?.itemCount ?? tile()?.getAttribute('itemcount')).toBe('2');
});

test('benefits that could not be read are not counted as none', async () => {
  proxy.on(CUSTOMER, () => json(overview({benefits: null, missing: ['benefits']})));
  await extension.render();
  await sees('Not everything could be read just now.');
  expect(tile()?.hasAttribute('itemcount')).toBe(false);
});

test('without a customer it cannot be tapped', async () => {
  till.setCustomer(null);
  await extension.render();
  await sees('Add a customer to the cart');
  expect(disabled(tile())).toBe(true);
});

test('what is handed over to a customer comes off the cart of the next', async () => {
  const {id} = redemption();
  await till.storage.set('on_cart', {
    customer: '6',
    redemptions: [{id, code: null, cart_attribute: {key: '_redemption_12345678', value: id}}],
  });
  till.cart.value = {...till.cart.value, properties: {_redemption_12345678: id}};
  await extension.render();
  await waitFor(() => expect(proxy.times(RELEASE)).toBe(1));
  expect(till.cart.value.properties).toEqual({});
});
