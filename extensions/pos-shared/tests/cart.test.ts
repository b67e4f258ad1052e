import type {Cart, Discount, LineItem} from '@shopify/ui-extensions/point-of-sale';
import {describe, expect, test} from 'vitest';
import {attributeOf, before, cameOff, carries, isOf, listed, quoted, scopeOf, scopeProperty} from '../src/cart';
import {redemption} from './samples';

const AUD = 'AUD';

function line(changed: Partial<LineItem> = {}): LineItem {
  return {
    uuid: 'u',
    quantity: 1,
    price: 40,
    discounts: [],
    taxable: true,
    taxLines: [],
    properties: {},
    isGiftCard: false,
    ...changed,
  };
}

function cart(changed: Partial<Cart> = {}): Cart {
  return {
    subtotal: '40.00',
    taxTotal: '0.00',
    grandTotal: '40.00',
    cartDiscounts: [],
    lineItems: [line()],
    properties: {},
    ...changed,
  };
}

const coded: Discount = {amount: 10, type: 'FixedAmount', discountDescription: 'rwd-one'};

describe('what came off', () => {
  const was = before(cart(), AUD);

  test('is what the total fell by, once the code is on the cart', () => {
    expect(cameOff(cart({grandTotal: '30.00', cartDiscounts: [coded]}), was, redemption(), AUD)).toEqual({
      minor: 1000,
      currency: AUD,
    });
  });

  test('is never more than the redemption has, as tax falls with the price', () => {
    expect(cameOff(cart({grandTotal: '29.00', cartDiscounts: [coded]}), was, redemption(), AUD)).toEqual({
      minor: 1000,
      currency: AUD,
    });
  });

  test('may be less: the cart was worth no more', () => {
    const small = before(cart({grandTotal: '4.00'}), AUD);
    expect(cameOff(cart({grandTotal: '0.00', cartDiscounts: [coded]}), small, redemption(), AUD)).toEqual({
      minor: 400,
      currency: AUD,
    });
  });

  test('is nothing where the code is listed and the total stays', () => {
    expect(cameOff(cart({cartDiscounts: [coded]}), was, redemption(), AUD)).toBeNull();
  });

  test('is nothing where the total fell and no discount came: somebody took a line off', () => {
    expect(cameOff(cart({grandTotal: '30.00'}), was, redemption(), AUD)).toBeNull();
  });

  test('is seen on single lines too', () => {
    const shares = [
      {allocatedAmount: {amount: '10.00', currencyCode: AUD}},
    ] as unknown as LineItem['discountAllocations'];
    const now = cart({grandTotal: '30.00', lineItems: [line({discountAllocations: shares})]});
    expect(cameOff(now, was, redemption(), AUD)).toEqual({minor: 1000, currency: AUD});
  });

  test('is what the entry says where the total is written for people', () => {
    const shown = before(cart({grandTotal: '40,00 €'}), AUD);
    expect(cameOff(cart({grandTotal: '30,00 €', cartDiscounts: [coded]}), shown, redemption(), AUD)).toEqual({
      minor: 1000,
      currency: AUD,
    });
    expect(
      cameOff(cart({grandTotal: '40,00 €', cartDiscounts: [{...coded, amount: 0}]}), shown, redemption(), AUD),
    ).toBeNull();
  });

  test('is exact where a number is not', () => {
    const part = redemption({amount: {amount: '0.30', currencyCode: AUD}});
    expect(listed(cart({cartDiscounts: [{...coded, amount: 0.1 + 0.2}]}), part, AUD)).toEqual({
      minor: 30,
      currency: AUD,
    });
  });

  test('is not guessed from a percentage', () => {
    expect(listed(cart({cartDiscounts: [{...coded, type: 'Percentage'}]}), redemption(), AUD)).toBeNull();
  });
});

describe('whose a discount is', () => {
  test.each(['RWD-ONE', 'rwd-one', 'Code RWD-ONE', 'Reward 12345678'])('%s is ours', (said) => {
    expect(isOf({amount: 1, discountDescription: said}, redemption())).toBe(true);
  });

  test.each(['', 'Staff', 'RWD', undefined])('%s is somebody else’s', (said) => {
    expect(isOf({amount: 1, ...(said === undefined ? {} : {discountDescription: said})}, redemption())).toBe(false);
  });
});

describe('what stands on a cart', () => {
  const mark = {_redemption_12345678: 'red_aaaaaaaaaaaa12345678'};

  test('is named by the code', () => expect(carries(cart({cartDiscounts: [coded]}), redemption())).toBe(true));

  test('is named by the property, where the till calls the discount something else', () => {
    const other = {amount: 10, type: 'FixedAmount', discountDescription: 'Loyalty'};
    expect(carries(cart({properties: mark, cartDiscounts: [other]}), redemption())).toBe(true);
  });

  test('is gone where every discount is, though the property stayed', () => {
    expect(carries(cart({properties: mark}), redemption())).toBe(false);
  });

  test('without a code is named by the attribute alone', () => {
    const handed = redemption({
      code: null,
      cart_attribute: {key: '_redemption_12345678', value: 'red_aaaaaaaaaaaa12345678'},
    });
    expect(carries(cart({properties: mark}), handed)).toBe(true);
    expect(carries(cart(), handed)).toBe(false);
  });

  test('is not another redemption with the same end', () => {
    const handed = redemption({
      id: 'red_cccccccccccc12345678',
      code: null,
      cart_attribute: {key: '_redemption_12345678', value: 'red_cccccccccccc12345678'},
    });
    expect(carries(cart({properties: mark}), handed)).toBe(false);
  });
});

test('the property is the proxy’s own where it names one, and of the same form beside a code', () => {
  expect(attributeOf(redemption())).toEqual({key: '_redemption_12345678', value: 'red_aaaaaaaaaaaa12345678'});
  expect(attributeOf(redemption({cart_attribute: {key: 'k', value: 'v'}}))).toEqual({key: 'k', value: 'v'});
});

test('a cart carries its own name', () => {
  expect(scopeOf(cart())).toBeNull();
  expect(scopeOf(cart({properties: scopeProperty('s')}))).toBe('s');
});

test('a quote takes lines as they are, and of discounts only what may be a code', () => {
  const said = quoted(
    cart({
      lineItems: [line({productId: 11, variantId: 12, quantity: 2, price: 19.9}), line({isGiftCard: true})],
      cartDiscounts: [coded, {amount: 5, discountDescription: 'Damaged box'}, {amount: 1}],
      properties: scopeProperty('s'),
    }),
    AUD,
  );
  expect(said).toEqual({
    token: 's',
    lines: [
      {product_id: '11', variant_id: '12', quantity: 2, price: {amount: '19.90', currencyCode: AUD}, gift_card: false},
      {product_id: null, variant_id: null, quantity: 1, price: {amount: '40.00', currencyCode: AUD}, gift_card: true},
    ],
    codes: ['rwd-one'],
  });
});
