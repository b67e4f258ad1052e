import {fireEvent, waitFor} from '@testing-library/preact';
import {expect, test} from 'vitest';
import type {Benefit} from '../../shared/src/client';
import {aud, benefit, benefits, rewards, use} from '../../test-support/src/answers';
import {json} from '../../test-support/src/proxy';
import {button, inBothPlaces, says, tap} from './stage';

inBothPlaces((on, show) => {
  test('a benefit is applied by name, with its code, and can be removed', async () => {
    on.proxy.on('GET /v1/benefits', () => json(benefits(benefit())));
    on.proxy.on('POST /v1/redemptions', () => json(use('percentage'), 201));
    await show();
    await says('1 benefit');
    await says('10% off');
    await tap('Apply Birthday treat');
    await says('Birthday treat applied.');
    expect(on.proxy.of('POST /v1/redemptions')[0]?.body).toMatchObject({benefit: {id: 7, uses: 1}});
    await tap('Remove Birthday treat');
    await waitFor(() => expect(on.fields.codes.value).toEqual([]));
  });

  test('two things tapped at once are one after the other: the second tap does nothing', async () => {
    on.proxy.on('GET /v1/benefits', () => json(benefits(benefit())));
    await show();
    const amount = await waitFor(() => button('Use all A$25.00'));
    const treat = button('Apply Birthday treat');
    fireEvent.click(amount);
    fireEvent.click(treat);
    await says('A$12.50 of rewards applied.');
    expect(on.proxy.of('POST /v1/redemptions').map(({body}) => body)).toEqual([
      {amount: aud('25.00'), cart: 'checkout-1'},
    ]);
  });

  test.each([
    ['unmapped', 'Not usable in this shop.'],
    ['in_use', 'Already in use in a cart.'],
    ['of_a_later_release', 'This benefit cannot be used here.'],
  ])('a benefit that cannot be used says why: %s', async (reason, said) => {
    on.proxy.on('GET /v1/benefits', () => json(benefits(benefit({applicable: false, reason}))));
    await show();
    await says(said);
    expect([...document.querySelectorAll('s-details s-button')]).toEqual([]);
  });

  test('a benefit whose last use another cart holds can be used here instead', async () => {
    on.proxy
      .on('GET /v1/benefits', () => json(benefits(benefit({applicable: false, reason: 'in_use', effect: null}))))
      .on('GET /v1/rewards', () => json(rewards({redemptions: [use('percentage', {code: 'RW-OTHER'})]})))
      .on('POST /v1/redemptions', () => json(use('percentage'), 201));
    await show();
    await tap('Use here instead: Birthday treat');
    await says('Birthday treat applied.');
    expect(on.proxy.of('POST /v1/redemptions')[0]?.body).toMatchObject({benefit: {id: 7, uses: 1}, take_over: true});
  });

  test('a benefit whose last use a till holds stays there', async () => {
    on.proxy
      .on('GET /v1/benefits', () => json(benefits(benefit({applicable: false, reason: 'in_use', effect: null}))))
      .on('GET /v1/rewards', () => json(rewards({redemptions: [use('percentage', {surface: 'pos'})]})));
    await show();
    await says('Already in use in a cart.');
    expect([...document.querySelectorAll('s-details s-button')]).toEqual([]);
  });

  test('what is handed over stands on the order as an attribute, and takes no money off', async () => {
    const attribute = {key: '_redemption_0000abcd', value: 'red_0000abcd'};
    on.proxy
      .on('GET /v1/benefits', () => json(benefits(benefit({name: 'Coffee', effect: effect('record')}))))
      .on('POST /v1/redemptions', () => json(use('record', {code: null, cart_attribute: attribute}), 201));
    await show();
    await tap('Apply Coffee');
    await says('Coffee applied.');
    expect(on.fields.attributes.value).toEqual([attribute]);
    expect(on.discounts).not.toHaveBeenCalled();
    await tap('Remove Coffee');
    await waitFor(() => expect(on.fields.attributes.value).toEqual([]));
  });

  test('free shipping is applied before a way of delivery is chosen', async () => {
    on.worth.amount = 0;
    on.proxy
      .on('GET /v1/benefits', () => json(benefits(benefit({name: 'Delivery', effect: effect('free_shipping')}))))
      .on('POST /v1/redemptions', () => json(use('free_shipping'), 201));
    await show();
    await tap('Apply Delivery');
    await says('Delivery applied.');
    expect(on.proxy.times('DELETE /v1/redemptions/*')).toBe(0);
  });
});

function effect(kind: NonNullable<Benefit['effect']>['kind']): Benefit['effect'] {
  return {kind, percent: null, amount: null, on: null};
}
