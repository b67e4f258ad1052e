import {waitFor} from '@testing-library/preact';
import {expect, test, vi} from 'vitest';
import {aud, balance, quote, refusedQuote, rewards} from '../../test-support/src/answers';
import {setOptional} from '../../test-support/src/fields';
import {json, later, problem} from '../../test-support/src/proxy';
import {all, button, inBothPlaces, says, tap} from './stage';

inBothPlaces((on, show) => {
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
    ['answers something else', () => json({status: 'active'})],
    ['answers half of it', () => json({...rewards(), policy: undefined})],
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
    await waitFor(() => expect(all('s-skeleton-paragraph')).toHaveLength(4));
    kept.give(json(rewards()));
    await says('A$25.00 available');
    expect(document.querySelector('s-skeleton-paragraph')).toBeNull();
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
        json(
          rewards({
            balance: {available: nzd('9.00'), held: nzd('0.00'), total: nzd('9.00')},
            policy: {minimum: nzd('1.00'), minimum_spend: null},
          }),
        ))
      .on('POST /v1/redemptions/quote', () => problem(422, 'currency_mismatch'));
    await show();
    await says('another currency');
    expect(document.querySelector('s-money-field')).toBeNull();
  });

  test('a balance below the least amount says what the least is', async () => {
    on.proxy
      .on('GET /v1/rewards', () => {
        return json(rewards({balance: balance('3.00'), policy: {minimum: aud('5.00'), minimum_spend: null}}));
      })
      .on('POST /v1/redemptions/quote', () => json(quote('3.00', {suggested: aud('0.00')})));
    await show();
    await says('The least that can be used is A$5.00.');
    expect(document.querySelector('s-money-field')).toBeNull();
  });

  test('an old balance says how old it is', async () => {
    on.proxy.on('GET /v1/rewards', () => json(rewards({stale: true})));
    await show();
    await says('Last known, as of 10:00');
  });

  test('a merchant in the editor sees an example that says so, and nobody is asked', async () => {
    setOptional(on.shopify.extension, 'editor', {type: 'checkout'});
    on.fields.settings.value = {heading: 'Insiders'};
    await show();
    await says('Example');
    expect(all('s-section')[0]?.getAttribute('heading')).toBe('Insiders');
    expect(on.proxy.asked).toEqual([]);
  });

  test('an answer that does not come has an end, and nothing is shown', async () => {
    vi.useFakeTimers({shouldAdvanceTime: true});
    on.proxy.on('GET /v1/rewards', later().answer);
    await show();
    await waitFor(() => expect(document.querySelector('s-skeleton-paragraph')).not.toBeNull());
    await vi.advanceTimersByTimeAsync(9_000);
    await waitFor(() => expect(document.body.innerHTML).toBe(''));
    vi.useRealTimers();
  });

  test('without a quote the balance alone says what may be used', async () => {
    on.proxy.on('POST /v1/redemptions/quote', () => problem(503, 'upstream_unavailable', {}, {retryable: true}));
    await show();
    await waitFor(() => button('Use all A$25.00'));
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['below_minimum_spend', {minimum_spend: aud('50.00'), eligible_subtotal: aud('30.00')}, 'from a cart of A$50.00'],
    ['profile_inactive', {}, 'The rewards account is not active.'],
  ])('a cart that takes nothing says why before anybody taps: %s', async (code, facts, said) => {
    on.proxy.on('POST /v1/redemptions/quote', () => json({...refusedQuote(code, facts), suggested: aud('0.00')}));
    await show();
    await says('A$25.00 available');
    await says(said);
    expect(document.querySelector('s-money-field, s-button')).toBeNull();
  });

  test('a balance that is all held elsewhere says so, and is taken over at a tap', async () => {
    on.proxy
      .on('GET /v1/rewards', () => json(rewards({balance: balance('0.00', '25.00')})))
      .on('POST /v1/redemptions/quote', ({body}) => {
        if (body?.['take_over'] === true) return json(quote('25.00'));
        const refused = refusedQuote('held_elsewhere', {surface: 'pos'});
        return json({...refused, suggested: aud('0.00'), balance: balance('0.00', '25.00')});
      });
    await show();
    await says('A$25.00 in use');
    await says('in use in another cart or at a till');
    await tap('Use here instead');
    await says('of rewards applied');
    const asked = on.proxy.of('POST /v1/redemptions')[0];
    expect(asked?.body).toMatchObject({amount: aud('25.00'), take_over: true});
  });

  test('where the other place shows it already nothing is shown, until that one is gone', async () => {
    vi.useFakeTimers({shouldAdvanceTime: true});
    await on.shopify.storage.write('shown', {by: 'elsewhere', until: Date.now() + 8_000});
    await show();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(document.body.innerHTML).toBe('');
    expect(on.proxy.asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(8_000);
    await says('A$25.00 available');
    vi.useRealTimers();
  });
});
