import {fireEvent, waitFor} from '@testing-library/preact';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {aud, balance, benefit, benefits, quote, redemption, refusedQuote, rewards, use} from '../../test-support/src/answers';
import {strangers} from '../../test-support/src/components';
import {setOptional} from '../../test-support/src/fields';
import {json, later, problem} from '../../test-support/src/proxy';
import {all, button, leave, says, stage, strike, tap, text, type Stage, type Target} from './stage';

const TARGETS: readonly Target[] = ['purchase.checkout.reductions.render-after', 'purchase.checkout.block.render'];

describe.each(TARGETS)('%s', (target) => {
  let on: Stage;

  beforeEach(() => {
    on = stage(target);
  });

  afterEach(() => {
    expect(strangers(target)).toEqual([]);
    strike(on);
  });

  const show = () => on.extension.render();

  test('a customer sees the balance, what expires next, and both ways to use it', async () => {
    await show();
    await says('A$25.00 available');
    await says('A$5.00 expires on Dec 31, 2026');
    expect(button('Use all A$25.00')).toBeDefined();
    expect(document.querySelector('s-money-field')).not.toBeNull();
    expect(on.proxy.times('POST /v1/redemptions')).toBe(0);
  });

  test('a guest gets one sentence, and the proxy is not asked', async () => {
    on.fields.customer.value = undefined;
    await show();
    await says('Sign in to see your rewards');
    expect(document.querySelectorAll('s-text')).toHaveLength(1);
    expect(on.proxy.asked).toEqual([]);
  });

  test('where the platform hides who it is, the proxy says that it is a guest', async () => {
    setOptional(on.shopify, 'buyerIdentity', undefined);
    on.proxy.on('GET /v1/rewards', () => problem(401, 'login_required'));
    await show();
    await says('Sign in to see your rewards');
  });

  test('whom the proxy does not know yet gets one sentence', async () => {
    on.proxy.on('GET /v1/rewards', () => json(rewards({status: 'pending_profile', balance: null, rewards: []})));
    await show();
    await says('The rewards account is being set up.');
    expect(document.querySelector('s-money-field')).toBeNull();
  });

  test('a balance of zero is said, and nothing can be applied', async () => {
    on.proxy.on('GET /v1/rewards', () => json(rewards({balance: balance('0.00'), expiring_next: null})));
    on.proxy.on('POST /v1/redemptions/quote', () => json(quote('0.00')));
    await show();
    await says('No rewards to use yet.');
    expect(document.querySelector('s-button')).toBeNull();
  });

  test.each<[string, () => Response | Promise<Response>]>([
    ['is offline', () => Promise.reject(new TypeError('network'))],
    ['refuses the session twice', () => problem(401, 'unauthenticated')],
    ['forbids it', () => problem(403, 'shop_closed')],
    ['is asked too often', () => problem(429, 'rate_limited', {}, {retryable: true, retryAfterS: 9})],
    ['fails', () => problem(503, 'upstream_unavailable', {}, {retryable: true})],
    ['is not the one that answers', () => new Response('<html>', {status: 502})],
    ['answers no JSON', () => new Response('{', {status: 200})],
  ])('when the proxy %s nothing is shown', async (_, answer) => {
    on.proxy.on('GET /v1/rewards', answer).on('GET /v1/benefits', answer);
    await show();
    await waitFor(() => expect(on.proxy.times('GET /v1/rewards')).toBeGreaterThan(0));
    await waitFor(() => expect(document.body.innerHTML).toBe(''));
  });

  test('without a token nothing is shown and nothing is asked', async () => {
    const token = vi.fn(async () => undefined);
    setOptional(on.shopify, 'sessionToken', {get: token});
    await show();
    await waitFor(() => expect(token).toHaveBeenCalled());
    await waitFor(() => expect(document.body.innerHTML).toBe(''));
    expect(on.proxy.asked).toEqual([]);
  });

  test('a token that ended is replaced once', async () => {
    on.proxy.on('GET /v1/rewards', (_, nth) => (nth === 1 ? problem(401, 'unauthenticated') : json(rewards())));
    await show();
    await says('A$25.00 available');
    expect(on.proxy.times('GET /v1/rewards')).toBe(2);
  });

  test('while it is read a skeleton keeps the place', async () => {
    const kept = later();
    on.proxy.on('GET /v1/rewards', kept.answer);
    await show();
    await waitFor(() => expect(document.querySelector('s-skeleton-paragraph')).not.toBeNull());
    kept.give(json(rewards()));
    await says('A$25.00 available');
    expect(document.querySelector('s-skeleton-paragraph')).toBeNull();
  });

  test('all of it is applied at one tap, and what came off is shown', async () => {
    await show();
    await tap('Use all A$25.00');
    await says('A$12.50 of rewards applied.');
    await says('A$12.50 off');
    const asked = on.proxy.asked.find(({route}) => route === 'POST /v1/redemptions');
    expect(asked?.body).toEqual({amount: aud('25.00'), cart: 'checkout-1'});
    expect(asked?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    expect(on.discounts).toHaveBeenCalledExactlyOnceWith({type: 'addDiscountCode', code: 'RW-TEST-1'});
    expect(document.querySelector('s-money-field')).toBeNull();
  });

  test('what the cart takes of a balance is offered, not more', async () => {
    on.proxy.on('POST /v1/redemptions/quote', () => json(quote('25.00', {suggested: aud('20.00')})));
    await show();
    await tap('Apply A$20.00');
    await says('of rewards applied');
    expect(on.proxy.asked.find(({route}) => route === 'POST /v1/redemptions')?.body).toMatchObject({amount: aud('20.00')});
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
    expect(on.proxy.asked.find(({route}) => route === 'POST /v1/redemptions')?.body).toMatchObject({amount: aud(amount)});
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

  test('a code that the checkout refuses is released, and express wallets are named', async () => {
    on.discounts.mockResolvedValueOnce({type: 'error', message: 'the buyer is using an accelerated wallet'});
    await show();
    await tap('Use all A$25.00');
    await says('could not be added');
    await says('Apple Pay');
    expect(text()).not.toContain('accelerated wallet');
    expect(on.proxy.times('DELETE /v1/redemptions/*')).toBe(1);
  });

  test('a checkout that throws counts as one that refused', async () => {
    on.discounts.mockRejectedValueOnce(new Error('boom'));
    await show();
    await tap('Use all A$25.00');
    await says('could not be added');
    expect(on.proxy.times('DELETE /v1/redemptions/*')).toBe(1);
  });

  test('a code that took nothing off is released', async () => {
    vi.useFakeTimers({shouldAdvanceTime: true});
    on.worth.amount = 0;
    await show();
    await tap('Use all A$25.00');
    await says('Checking the cart…');
    await vi.advanceTimersByTimeAsync(6_000);
    await says('took nothing off');
    expect(on.fields.codes.value).toEqual([]);
    expect(on.proxy.times('DELETE /v1/redemptions/*')).toBe(1);
    vi.useRealTimers();
  });

  test('money that comes off late is waited for', async () => {
    on.worth.amount = 0;
    await show();
    await tap('Use all A$25.00');
    await says('Checking the cart…');
    on.fields.allocations.value = [{type: 'code', code: 'rw-test-1', discountedAmount: {amount: 12.5, currencyCode: 'AUD'}}];
    await says('A$12.50 of rewards applied.');
    expect(on.proxy.times('DELETE /v1/redemptions/*')).toBe(0);
  });

  test('a code that is taken off in the discount field is given free', async () => {
    await show();
    await tap('Use all A$25.00');
    await says('of rewards applied');
    on.fields.allocations.value = [];
    on.fields.codes.value = [];
    await waitFor(() => expect(on.proxy.times('DELETE /v1/redemptions/*')).toBe(1), {timeout: 3_000});
    await says('The rewards were removed.');
  });

  test('a code that is away only while the checkout counts stays', async () => {
    vi.useFakeTimers({shouldAdvanceTime: true});
    await show();
    await tap('Use all A$25.00');
    await says('of rewards applied');
    const codes = on.fields.codes.value;
    on.fields.codes.value = [];
    await vi.advanceTimersByTimeAsync(300);
    on.fields.codes.value = codes;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(on.proxy.times('DELETE /v1/redemptions/*')).toBe(0);
    vi.useRealTimers();
  });

  test('where codes may not be changed there is a sentence and no form', async () => {
    on.fields.instructions.value = {...on.fields.instructions.value, discounts: {canUpdateDiscountCodes: false}};
    await show();
    await says('Rewards cannot be changed in this checkout.');
    expect(document.querySelector('s-money-field, s-button')).toBeNull();
  });

  test('a balance in another currency is shown, with a sentence and no form', async () => {
    const nzd = (amount: string) => ({amount, currencyCode: 'NZD'});
    on.proxy
      .on('GET /v1/rewards', () =>
        json(rewards({balance: {available: nzd('9.00'), held: nzd('0.00'), total: nzd('9.00')}, policy: {minimum: nzd('1.00'), minimum_spend: null}})))
      .on('POST /v1/redemptions/quote', () => problem(422, 'currency_mismatch'));
    await show();
    await says('another currency');
    expect(document.querySelector('s-money-field')).toBeNull();
  });

  test('a balance below the least amount says what the least is', async () => {
    on.proxy
      .on('GET /v1/rewards', () => json(rewards({balance: balance('3.00'), policy: {minimum: aud('5.00'), minimum_spend: null}})))
      .on('POST /v1/redemptions/quote', () => json(quote('3.00', {suggested: aud('0.00')})));
    await show();
    await says('The least that can be used is A$5.00.');
    expect(document.querySelector('s-money-field')).toBeNull();
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['below_minimum', {minimum: aud('5.00')}, 'The least that can be used is A$5.00.'],
    ['above_maximum', {maximum: aud('20.00')}, 'The most that can be used at once is A$20.00.'],
    ['not_a_step', {step: aud('5.00')}, 'Please choose a multiple of A$5.00.'],
    ['below_minimum_spend', {minimum_spend: aud('50.00'), eligible_subtotal: aud('30.00')}, 'from a cart of A$50.00'],
    ['above_share', {share_percent: 50, eligible_subtotal: aud('30.00'), maximum: aud('15.00')}, 'up to 50% of this cart'],
    ['not_combinable', {codes: ['TEN']}, 'cannot be combined'],
    ['of_a_later_release', {}, 'That did not work.'],
  ])('a quote that says %s is told, and nothing is held', async (code, facts, said) => {
    on.proxy.on('POST /v1/redemptions/quote', ({body}) => json(body?.['amount'] === undefined ? quote() : refusedQuote(code, facts)));
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
    const keys = on.proxy.asked.flatMap(({route, headers}) => (route === 'POST /v1/redemptions' ? [headers['idempotency-key']] : []));
    expect(new Set(keys).size).toBe(2);
  });

  test('an answer that never came is asked for again by the same key', async () => {
    on.proxy.on('POST /v1/redemptions', (_, nth) => (nth === 1 ? Promise.reject(new TypeError('cut')) : json(redemption(), 201)));
    await show();
    await tap('Use all A$25.00');
    await tap('Try again');
    await says('of rewards applied');
    const keys = on.proxy.asked.flatMap(({route, headers}) => (route === 'POST /v1/redemptions' ? [headers['idempotency-key']] : []));
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  test('even after a reload an answer that never came is asked for by the same key', async () => {
    on.proxy.on('POST /v1/redemptions', (_, nth) => (nth === 1 ? Promise.reject(new TypeError('cut')) : json(redemption(), 201)));
    await show();
    await tap('Use all A$25.00');
    await waitFor(() => button('Try again'));
    leave();
    await show();
    await tap('Use all A$25.00');
    await says('of rewards applied');
    const keys = on.proxy.asked.flatMap(({route, headers}) => (route === 'POST /v1/redemptions' ? [headers['idempotency-key']] : []));
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  test('a code whose time is over is taken off, said, and applied again only at a tap', async () => {
    vi.useFakeTimers({shouldAdvanceTime: true});
    on.proxy.on('POST /v1/redemptions', (_, nth) =>
      json(nth === 1 ? redemption({expires_at: new Date(Date.now() + 20_000).toISOString()}) : redemption({code: 'RW-TEST-2'}), 201));
    await show();
    await tap('Use all A$25.00');
    await says('of rewards applied');
    await vi.advanceTimersByTimeAsync(30_000);
    await says('The time for these rewards was up');
    expect(on.fields.codes.value).toEqual([]);
    expect(on.proxy.times('POST /v1/redemptions')).toBe(1);
    await tap('Use all A$25.00');
    await says('of rewards applied');
    expect(on.fields.codes.value).toEqual([{code: 'RW-TEST-2'}]);
    vi.useRealTimers();
  });

  test('what was applied before a reload is found again, whatever the case of its code', async () => {
    on.proxy.on('GET /v1/rewards', () => json(rewards({redemptions: [redemption()]})));
    on.fields.codes.value = [{code: 'rw-test-1'}];
    on.fields.allocations.value = [{type: 'code', code: 'rw-test-1', discountedAmount: {amount: 12.5, currencyCode: 'AUD'}}];
    await show();
    await says('A$12.50 off');
    await tap('Remove Rewards');
    await waitFor(() => expect(on.proxy.times('DELETE /v1/redemptions/*')).toBe(1));
  });

  test('with the proxy away what is applied is still shown and can be removed', async () => {
    await on.shopify.storage.write('applied', [{redemption: redemption(), name: null}]);
    on.fields.codes.value = [{code: 'RW-TEST-1'}];
    const gone = () => Promise.reject(new TypeError('network'));
    on.proxy.on('GET /v1/rewards', gone).on('GET /v1/benefits', gone).on('DELETE /v1/redemptions/*', gone);
    await show();
    await tap('Remove Rewards');
    await says('The rewards were removed.');
    await says('They can be used again from');
    expect(on.fields.codes.value).toEqual([]);
  });

  test('an old balance says how old it is', async () => {
    on.proxy.on('GET /v1/rewards', () => json(rewards({stale: true})));
    await show();
    await says('Last known, as of 10:00');
  });

  test('another customer gets nothing of the first one: it comes off and is read anew', async () => {
    await show();
    await tap('Use all A$25.00');
    await says('of rewards applied');
    on.proxy.on('GET /v1/rewards', () => json(rewards({balance: balance('7.00')})));
    on.proxy.on('POST /v1/redemptions/quote', () => json(quote('7.00')));
    on.fields.customer.value = {id: 'gid://shopify/Customer/2'};
    await says('A$7.00 available');
    expect(on.fields.codes.value).toEqual([]);
    expect(text()).not.toContain('12.50');
  });

  test('who leaves while it is held is written nothing, and what was held is given free', async () => {
    const kept = later();
    on.proxy.on('POST /v1/redemptions', kept.answer);
    await show();
    await tap('Use all A$25.00');
    await says('Setting aside…');
    leave();
    kept.give(json(redemption(), 201));
    await waitFor(() => expect(on.proxy.times('DELETE /v1/redemptions/*')).toBe(1));
    expect(on.fields.codes.value).toEqual([]);
    expect(document.body.innerHTML).toBe('');
  });

  test('a merchant in the editor sees an example that says so, and nobody is asked', async () => {
    setOptional(on.shopify.extension, 'editor', {type: 'checkout'});
    on.fields.settings.value = {heading: 'Insiders'};
    await show();
    await says('Example');
    expect(all('s-section')[0]?.getAttribute('heading')).toBe('Insiders');
    expect(on.proxy.asked).toEqual([]);
  });

  test('a benefit is applied by name, with its code, and can be removed', async () => {
    on.proxy.on('GET /v1/benefits', () => json(benefits(benefit())));
    on.proxy.on('POST /v1/redemptions', () => json(use('percentage'), 201));
    await show();
    await says('1 benefit');
    await says('10% off');
    await tap('Apply Birthday treat');
    await says('Birthday treat applied.');
    expect(on.proxy.asked.find(({route}) => route === 'POST /v1/redemptions')?.body).toMatchObject({benefit: {id: 7, uses: 1}});
    await tap('Remove Birthday treat');
    await waitFor(() => expect(on.fields.codes.value).toEqual([]));
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

  test('what is handed over stands on the order as an attribute, and takes no money off', async () => {
    const attribute = {key: '_redemption_0000abcd', value: 'red_0000abcd'};
    on.proxy
      .on('GET /v1/benefits', () => json(benefits(benefit({name: 'Coffee', effect: {kind: 'record', percent: null, amount: null, on: null}}))))
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
      .on('GET /v1/benefits', () => json(benefits(benefit({name: 'Delivery', effect: {kind: 'free_shipping', percent: null, amount: null, on: 'shipping'}}))))
      .on('POST /v1/redemptions', () => json(use('free_shipping'), 201));
    await show();
    await tap('Apply Delivery');
    await says('Delivery applied.');
    expect(on.proxy.times('DELETE /v1/redemptions/*')).toBe(0);
  });
});

async function type(typed: string): Promise<void> {
  const field = await waitFor(() => {
    const [found] = all('s-money-field');
    if (found === undefined) throw new Error('no field');
    return found;
  });
  Object.assign(field, {value: typed});
  fireEvent.input(field);
}

function submit(): void {
  const form = document.querySelector('s-form');
  if (form === null) throw new Error('no form');
  fireEvent.submit(form);
}
