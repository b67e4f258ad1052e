import {waitFor} from '@testing-library/preact';
import {expect, test, vi} from 'vitest';
import {balance, quote, redemption, rewards} from '../../test-support/src/answers';
import {setOptional} from '../../test-support/src/fields';
import {json, later, problem} from '../../test-support/src/proxy';
import {all, allocation, button, inBothPlaces, leave, says, submit, tap, text} from './stage';

inBothPlaces((on, show) => {
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

  test('a code that is counted as nothing is released', async () => {
    vi.useFakeTimers({shouldAdvanceTime: true});
    on.worth.amount = 0;
    await show();
    await tap('Use all A$25.00');
    await says('Checking the cart…');
    on.fields.allocations.value = [allocation('RW-TEST-1', 0)];
    await vi.advanceTimersByTimeAsync(6_000);
    await says('took nothing off');
    vi.useRealTimers();
  });

  test('what comes off by it changes with the cart', async () => {
    await show();
    await tap('Use all A$25.00');
    await says('A$12.50 off');
    on.fields.allocations.value = [allocation('RW-TEST-1', 8)];
    await says('A$8.00 off');
  });

  test('what comes off of products is told of the lines', async () => {
    on.worth.amount = 0;
    await show();
    await tap('Use all A$25.00');
    await says('Checking the cart…');
    on.fields.lines.value = on.fields.lines.value.map((line) => ({
      ...line,
      discountAllocations: [allocation('RW-TEST-1', 5), allocation('OTHER', 3)],
    }));
    await says('A$5.00 of rewards applied.');
  });

  test('another code on the checkout stays, and is no reward', async () => {
    on.fields.codes.value = [{code: 'TEN'}];
    on.fields.allocations.value = [allocation('TEN', 10)];
    await show();
    await tap('Use all A$25.00');
    await says('A$12.50 of rewards applied.');
    await tap('Remove Rewards');
    await says('The rewards were removed.');
    expect(on.fields.codes.value).toEqual([{code: 'TEN'}]);
  });

  test('money that comes off late is waited for', async () => {
    on.worth.amount = 0;
    await show();
    await tap('Use all A$25.00');
    await says('Checking the cart…');
    on.fields.allocations.value = [allocation('rw-test-1', 12.5)];
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

  test('a code whose time is over is taken off, said, and applied again only at a tap', async () => {
    vi.useFakeTimers({shouldAdvanceTime: true});
    const soon = new Date(Date.now() + 20_000).toISOString();
    on.proxy.on('POST /v1/redemptions', (_, nth) =>
      json(nth === 1 ? redemption({expires_at: soon}) : redemption({code: 'RW-TEST-2'}), 201));
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
    on.fields.allocations.value = [allocation('rw-test-1', 12.5)];
    await show();
    await says('A$12.50 off');
    expect(document.querySelector('s-banner')).toBeNull();
    await tap('Remove Rewards');
    await waitFor(() => expect(on.proxy.times('DELETE /v1/redemptions/*')).toBe(1));
  });

  test('with the proxy away what is applied is still shown and can be removed', async () => {
    await show();
    await tap('Use all A$25.00');
    await says('of rewards applied');
    leave();
    const gone = () => Promise.reject(new TypeError('network'));
    on.proxy.on('GET /v1/rewards', gone).on('GET /v1/benefits', gone).on('DELETE /v1/redemptions/*', gone);
    await show();
    await tap('Remove Rewards');
    await says('The rewards were removed.');
    await says('They can be used again from');
    expect(on.fields.codes.value).toEqual([]);
  });

  test('what is open on another cart is not shown as applied here', async () => {
    on.proxy.on('GET /v1/rewards', () => json(rewards({redemptions: [redemption()]})));
    on.fields.codes.value = [{code: 'TEN'}];
    await show();
    await waitFor(() => button('Use all A$25.00'));
    expect(text()).not.toContain('Rewards');
  });

  test('a balance that cannot be read again stays in sight', async () => {
    on.proxy.on('GET /v1/rewards', (_, nth) => (nth === 1 ? json(rewards()) : problem(503, 'upstream_unavailable')));
    await show();
    await tap('Use all A$25.00');
    await says('of rewards applied');
    await waitFor(() => expect(on.proxy.times('GET /v1/rewards')).toBe(2));
    await tap('Remove Rewards');
    await waitFor(() => expect(on.proxy.times('GET /v1/rewards')).toBe(3));
    await waitFor(() => button('Use all A$25.00'));
  });

  test('an answer about the customer before is not shown to the next', async () => {
    const kept = later();
    const first = json(rewards());
    const next = rewards({balance: balance('7.00'), expiring_next: null});
    on.proxy.on('GET /v1/rewards', (_, nth) => (nth === 1 ? kept.answer() : json(next)));
    on.proxy.on('POST /v1/redemptions/quote', () => json(quote('7.00')));
    await show();
    await waitFor(() => expect(on.proxy.times('GET /v1/rewards')).toBe(1));
    on.fields.customer.value = {id: 'gid://shopify/Customer/2'};
    await says('A$7.00 available');
    kept.give(first);
    await waitFor(() => expect(first.bodyUsed).toBe(true));
    submit();
    await waitFor(() => expect(all('s-money-field')[0]?.getAttribute('error')).not.toBeNull());
    expect(text()).not.toContain('expires on');
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

  test('a scratch space that fails harms nothing', async () => {
    const fails = () => Promise.reject(new Error('quota'));
    setOptional(on.shopify, 'storage', {read: fails, write: fails, delete: fails});
    await show();
    await tap('Use all A$25.00');
    await says('A$12.50 of rewards applied.');
    await tap('Remove Rewards');
    await says('The rewards were removed.');
  });

  test('a token that cannot be had at the tap is told, and nothing is held', async () => {
    await show();
    await waitFor(() => button('Use all A$25.00'));
    setOptional(on.shopify, 'sessionToken', {get: () => Promise.reject(new Error('gone'))});
    await tap('Use all A$25.00');
    await says('Rewards need a connection.');
    expect(on.proxy.times('POST /v1/redemptions')).toBe(0);
  });

  test('a cart that changes in several steps is asked about once, when it has come to rest', async () => {
    await show();
    await waitFor(() => button('Use all A$25.00'));
    const before = on.proxy.times('POST /v1/redemptions/quote');
    on.proxy.on('POST /v1/redemptions/quote', () => json(quote('9.00')));
    for (let step = 0; step < 5; step += 1) on.fields.lines.value = [...on.fields.lines.value];
    await waitFor(() => button('Use all A$9.00'));
    expect(on.proxy.times('POST /v1/redemptions/quote')).toBe(before + 1);
  });

  test('the answer about a cart that has changed since is not shown', async () => {
    const kept = later();
    await show();
    await waitFor(() => button('Use all A$25.00'));
    const before = on.proxy.times('POST /v1/redemptions/quote');
    const change = () => (on.fields.lines.value = [...on.fields.lines.value]);
    on.proxy.on('POST /v1/redemptions/quote', (_, nth) => (nth === before + 1 ? kept.answer() : json(quote('9.00'))));
    change();
    await waitFor(() => expect(on.proxy.times('POST /v1/redemptions/quote')).toBe(before + 1));
    change();
    await waitFor(() => button('Use all A$9.00'));
    const late = json(quote('3.00'));
    kept.give(late);
    await waitFor(() => expect(late.bodyUsed).toBe(true));
    submit();
    await waitFor(() => expect(all('s-money-field')[0]?.getAttribute('error')).not.toBeNull());
    expect(button('Use all A$9.00')).toBeDefined();
  });
});
