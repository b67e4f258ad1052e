// @vitest-environment node
import {expect, test} from 'vitest';
import {findOpen} from '../src/open';
import {handedOver, redemption} from './sample';

const AMOUNT = redemption({code: 'RW-ABC'});
const COFFEE = handedOver();
const attribute = COFFEE.cart_attribute ?? {key: '', value: ''};

test('codes are found in any case, beside other codes', () => {
  expect(findOpen([AMOUNT, COFFEE], {codes: ['SUMMER', ' rw-abc ']})).toEqual({applied: [AMOUNT], waiting: [COFFEE]});
});

test('what has no code is found by its attribute', () => {
  const cart = {codes: [], attributes: {[attribute.key]: attribute.value}};
  expect(findOpen([AMOUNT, COFFEE], cart)).toEqual({applied: [COFFEE], waiting: [AMOUNT]});
});

test('an attribute of somebody else under the same key is not ours', () => {
  expect(findOpen([COFFEE], {codes: [], attributes: {[attribute.key]: 'rdm_other'}}).applied).toEqual([]);
});

test('what can no longer be used is neither here nor waiting', () => {
  expect(findOpen([redemption({code: null})], {codes: ['RW-0001']})).toEqual({applied: [], waiting: []});
});
