/// <reference types="@shopify/ui-extensions/pos.customer-details.action.render" />
import {getExtension} from '@shopify/ui-extensions-tester';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {close, sees, tap} from '../../pos-shared/tests/screen';
import {standInTill, type TillState} from '../../pos-shared/tests/stand_in_till';
import {strangers} from '../../test-support/src/components';
import {answering} from './customer';

const TARGET = 'pos.customer-details.action.render';
const extension = getExtension(TARGET);
let till: TillState;

beforeEach(() => {
  extension.setUp();
  till = standInTill({customer: 9});
  extension.fetch = answering().fetch;
});

afterEach(() => {
  expect(strangers(TARGET)).toEqual([]);
  close();
  extension.tearDown();
});

test('it is about the customer whose details are open, who can be put on the cart', async () => {
  await extension.render();
  await sees('Ada Byron');
  await tap('Add to the cart');
  expect(till.calls).toEqual(['setCustomer 7']);
  await sees('Take off the cart and find another');
});
