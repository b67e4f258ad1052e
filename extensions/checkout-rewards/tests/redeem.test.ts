import {fireEvent, waitFor} from '@testing-library/preact';
import {expect, test} from 'vitest';
import {aud, balance, quote, redemption, refusedQuote, rewards} from '../../test-support/src/answers';
import {json, later, problem} from '../../test-support/src/proxy';
import {all, button, inBothPlaces, leave, says, submit, tap, text, type} from './stage';

inBothPlaces((on, show) => {
  test('all of it is applied at one tap, and what came off is shown', async () => {
    await show();
    await tap('Use all A$25.00');
    await says('A$12.50 of rewards applied.');
    await says('A$12.50 off');
    const asked = on.proxy.of('POST /v1/redemptions')[0];
    expect(asked?.body).toEqual({amount: aud('25.00'), cart: 'checkout-1'});
    expect(asked?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    expect(on.discounts).toHaveBeenCalledExactlyOnceWith({type: 'addDiscountCode', code: 'RW-TEST-1'});
    expect(document.querySelector('s-money-field')).toBeNull();
  });

  test('the cart’s codes are named at a tap, and not by looking', async () => {
    on.fields.codes.value = [{code: 'TEN'}];
    await show();
    await tap('Use all A$25.00');
    await says('of rewards applied');
    const carts = on.proxy.of('POST /v1/redemptions/quote').map(({body}) => body?.['cart']);
    expect(carts[0]).not.toHaveProperty('codes');
    expect(carts[1]).toMatchObject({token: 'checkout-1', codes: ['TEN']});
  });

  test('what is left is read anew once it is applied, though a quote counts what this cart holds', async () => {
    on.proxy.on('GET /v1/rewards', (_, nth) => json(rewards({balance: balance(nth === 1 ? '25.00' : '12.50')})));
    await show();
    await tap('Use all A$25.00');
    await says('A$12.50 available');
    expect(text()).not.toContain('A$25.00 available');
  });

  test('what the cart takes of a balance is offered, not more', async () => {
    on.proxy.on('POST /v1/redemptions/quote', () => json(quote('25.00', {suggested: aud('20.00')})));
    await show();
    await tap('Apply A$20.00');
    await says('of rewards applied');
    expect(on.proxy.of('POST /v1/redemptions')[0]?.body).toMatchObject({amount: aud('20.00')});
  });

  test.each([
    ['12.5', '12.50'],
    ['12,50', '12.50'],
    ['7', '7.00'],
  ])('a part typed as %s is applied as %s', async (typed, amount) => {
    await show();
    await type(typed);
    await says('A$25.00 available');
    await waitFor(() => button(`Apply A$${amount}`));
    submit();
    await says('of rewards applied');
    expect(on.proxy.of('POST /v1/redemptions')[0]?.body).toMatchObject({amount: aud(amount)});
  });

  test.each(['', '0', '-5', '1.234', '1,000', 'all'])('what is no amount is said, not sent: "%s"', async (typed) => {
    await show();
    await type(typed);
    submit();
    await waitFor(() => expect(all('s-money-field')[0]?.getAttribute('error')).toBe('Please enter an amount.'));
    expect(on.proxy.times('POST /v1/redemptions')).toBe(0);
  });

  test('two taps are one redemption', async () => {
    const kept = later();
    on.proxy.on('POST /v1/redemptions', kept.answer);
    await show();
    const all = await waitFor(() => button('Use all A$25.00'));
    fireEvent.click(all);
    fireEvent.click(all);
    await says('Setting aside…');
    expect(button('Use all A$25.00').getAttribute('disabled')).toBe('true');
    kept.give(json(redemption(), 201));
    await says('of rewards applied');
    expect(on.proxy.times('POST /v1/redemptions')).toBe(1);
    expect(on.discounts).toHaveBeenCalledTimes(1);
  });

  test('removing takes the code off and gives the value free', async () => {
    await show();
    await tap('Use all A$25.00');
    await tap('Remove Rewards');
    await says('The rewards were removed.');
    expect(on.fields.codes.value).toEqual([]);
    expect(on.proxy.times('DELETE /v1/redemptions/*')).toBe(1);
    await waitFor(() => button('Use all A$25.00'));
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['below_minimum', {minimum: aud('5.00')}, 'The least that can be used is A$5.00.'],
    ['above_maximum', {maximum: aud('20.00')}, 'The most that can be used at once is A$20.00.'],
    ['not_a_step', {step: aud('5.00')}, 'Please choose a multiple of A$5.00.'],
    ['below_minimum_spend', {minimum_spend: aud('50.00'), eligible_subtotal: aud('30.00')}, 'from a cart of A$50.00'],
    ['above_share', {share_percent: 50, maximum: aud('15.00')}, 'up to 50% of this cart'],
    ['not_combinable', {codes: ['TEN']}, 'cannot be combined'],
    ['of_a_later_release', {}, 'That did not work.'],
  ])('a quote that says %s is told, and nothing is held', async (code, facts, said) => {
    on.proxy.on('POST /v1/redemptions/quote', ({body}) => {
      return json(body?.['amount'] === undefined ? quote() : refusedQuote(code, facts));
    });
    await show();
    await tap('Use all A$25.00');
    await says(said);
    expect(on.proxy.times('POST /v1/redemptions')).toBe(0);
  });

  test.each<[number, string, Record<string, unknown>, string]>([
    [409, 'insufficient_balance', {available: aud('3.00')}, 'A$3.00 can be used.'],
    [422, 'profile_inactive', {}, 'The rewards account is not active.'],
    [403, 'shop_closed', {}, 'cannot be used in this shop'],
    [429, 'rate_limited', {}, 'too often'],
    [503, 'upstream_unavailable', {}, 'unavailable for a moment'],
  ])('a redemption refused with %i %s is told', async (status, code, facts, said) => {
    on.proxy.on('POST /v1/redemptions', () => problem(status, code, facts, {retryable: status >= 429, retryAfterS: 3}));
    await show();
    await tap('Use all A$25.00');
    await says(said);
    expect(on.discounts).not.toHaveBeenCalled();
  });

  test('value that is held elsewhere is taken over at a tap, under a new key', async () => {
    on.proxy.on('POST /v1/redemptions', ({body}) =>
      body?.['take_over'] === true ? json(redemption(), 201) : problem(409, 'held_elsewhere', {surface: 'pos'}));
    await show();
    await tap('Use all A$25.00');
    await tap('Use here instead');
    await says('of rewards applied');
    const keys = on.proxy.of('POST /v1/redemptions').map(({headers}) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(2);
  });

  test('an answer that never came is asked for again by the same key', async () => {
    on.proxy.on('POST /v1/redemptions', (_, nth) => {
      return nth === 1 ? Promise.reject(new TypeError('cut')) : json(redemption(), 201);
    });
    await show();
    await tap('Use all A$25.00');
    await tap('Try again');
    await says('of rewards applied');
    const keys = on.proxy.of('POST /v1/redemptions').map(({headers}) => headers['idempotency-key']);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  test('even after a reload an answer that never came is asked for by the same key', async () => {
    on.proxy.on('POST /v1/redemptions', (_, nth) => {
      return nth === 1 ? Promise.reject(new TypeError('cut')) : json(redemption(), 201);
    });
    await show();
    await tap('Use all A$25.00');
    await waitFor(() => button('Try again'));
    leave();
    await show();
    await tap('Use all A$25.00');
    await says('of rewards applied');
    const keys = on.proxy.of('POST /v1/redemptions').map(({headers}) => headers['idempotency-key']);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });
});
