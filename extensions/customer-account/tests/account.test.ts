import {getExtension} from '@shopify/ui-extensions-tester';
import {fireEvent, waitFor} from '@testing-library/preact';
import {render} from 'preact';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import type {Reward, Standing} from '../../shared/src/client';
import {aud, balance, rewards} from '../../test-support/src/answers';
import {strangers} from '../../test-support/src/components';
import {live, setOptional} from '../../test-support/src/fields';
import {json, later, problem, ProxyStandIn} from '../../test-support/src/proxy';
import {spoken} from '../../test-support/src/texts';
import texts from '../locales/en.default.json';

const TARGETS = ['customer-account.profile.block.render', 'customer-account.order-index.block.render'] as const;

const AWAY = 'Your rewards cannot be shown at the moment.';

function standing(changed: Partial<NonNullable<Standing['tier']>> = {}): Standing {
  const tier = {
    current: 'Silver',
    next: 'Gold',
    progress: '1500',
    remaining: '500',
    current_progress: null,
    current_remaining: null,
    ...changed,
  };
  return {status: 'active', tier, stale: false};
}

function reward(id: number, state: Reward['state'], changed: Partial<Reward> = {}): Reward {
  return {
    id,
    name: `Reward ${id}`,
    initial: aud('10.00'),
    remaining: aud(state === 'used' ? '0.00' : '10.00'),
    issued_at: null,
    expires_at: '2026-12-31T00:00:00Z',
    state,
    ...changed,
  };
}

describe.each(TARGETS)('%s', (target) => {
  const extension = getExtension(target);
  let proxy: ProxyStandIn;

  beforeEach(() => {
    extension.setUp();
    proxy = new ProxyStandIn().on('GET /v1/rewards', () => json(rewards())).on('GET /v1/tier', () => json(standing()));
    extension.fetch = proxy.fetch;
    setOptional(extension.shopify, 'i18n', spoken(texts));
    setOptional(extension.shopify.extension, 'editor', undefined);
    live(extension.shopify, 'settings', {heading: ''});
  });

  afterEach(() => {
    expect(strangers(target)).toEqual([]);
    render(null, document.body);
    extension.tearDown();
  });

  test('a customer sees balance, what expires next, tier and rewards', async () => {
    await extension.render();
    await says('A$25.00 available');
    await says('A$5.00 expires on Dec 31, 2026');
    await says('Your tier: Silver');
    await says('500 to go until Gold');
    await says('Welcome · A$25.00');
    const bar = all('s-progress')[0];
    expect([bar?.getAttribute('value'), bar?.getAttribute('max')]).toEqual(['1500', '2000']);
  });

  test('rewards are parted into active, used and expired', async () => {
    const begun = reward(1, 'active', {remaining: aud('4.00')});
    const parts = [begun, reward(2, 'used'), reward(3, 'expired'), reward(4, 'expired')];
    proxy.on('GET /v1/rewards', () => json(rewards({rewards: parts})));
    await extension.render();
    await says('Reward 1 · A$4.00 of A$10.00 left');
    const folded = all('s-details').map((each) => each.textContent);
    expect(folded).toHaveLength(2);
    expect(folded[0]).toBe('Used (1)Reward 2 · A$10.00');
    expect(folded[1]).toContain('Expired (2)');
    expect(folded[1]).toContain('Expired on Dec 31, 2026');
  });

  test('without any reward there is one sentence and no list', async () => {
    proxy.on('GET /v1/rewards', () => json(rewards({balance: balance('0.00'), rewards: [], expiring_next: null})));
    await extension.render();
    await says('No rewards to use yet.');
    expect(all('s-unordered-list, s-details')).toEqual([]);
  });

  test('what a cart holds is told', async () => {
    proxy.on('GET /v1/rewards', () => json(rewards({balance: balance('12.50', '12.50')})));
    await extension.render();
    await says('A$12.50 in use');
  });

  test('an old balance says how old it is', async () => {
    proxy.on('GET /v1/rewards', () => json(rewards({stale: true})));
    await extension.render();
    await says('Last known, as of');
  });

  test('whom the proxy does not know yet gets one sentence', async () => {
    proxy.on('GET /v1/rewards', () => json(rewards({status: 'pending_profile', balance: null, rewards: []})));
    await extension.render();
    await says('The rewards account is being set up.');
  });

  test.each<[string, Standing]>([
    ['the last tier', standing({next: null, progress: null, remaining: null})],
    ['no progress told', standing({progress: null})],
    ['no number', standing({remaining: 'soon'})],
  ])('with %s there is a tier and no bar', async (_, told) => {
    proxy.on('GET /v1/tier', () => json(told));
    await extension.render();
    await says('Your tier: Silver');
    expect(all('s-progress')).toEqual([]);
  });

  test.each<[string, () => Response | Promise<Response>]>([
    ['it cannot be read', () => problem(503, 'upstream_unavailable', {}, {retryable: true})],
    ['there is none', () => json({status: 'active', tier: null, stale: false})],
    ['it does not answer', () => Promise.reject(new TypeError('network'))],
  ])('without a tier, because %s, the rest is shown', async (_, answer) => {
    proxy.on('GET /v1/tier', answer);
    await extension.render();
    await says('A$25.00 available');
    expect(text()).not.toContain('tier');
  });

  test.each<[string, () => Response | Promise<Response>]>([
    ['is offline', () => Promise.reject(new TypeError('network'))],
    ['refuses the session twice', () => problem(401, 'unauthenticated')],
    ['forbids it', () => problem(403, 'shop_closed')],
    ['is asked too often', () => problem(429, 'rate_limited', {}, {retryable: true, retryAfterS: 9})],
    ['fails', () => problem(503, 'upstream_unavailable', {}, {retryable: true})],
    ['answers no JSON', () => new Response('{', {status: 200})],
    ['answers something else', () => json({status: 'active'})],
  ])('when the proxy %s it is said, and can be tried again', async (_, answer) => {
    proxy.on('GET /v1/rewards', answer);
    await extension.render();
    await says(AWAY);
    proxy.on('GET /v1/rewards', () => json(rewards()));
    fireEvent.click(all('s-button')[0] ?? document.body);
    await says('A$25.00 available');
  });

  test('an answer that does not come has an end', async () => {
    vi.useFakeTimers({shouldAdvanceTime: true});
    proxy.on('GET /v1/rewards', later().answer);
    await extension.render();
    await waitFor(() => expect(all('s-skeleton-paragraph')).toHaveLength(1));
    await vi.advanceTimersByTimeAsync(9_000);
    await says(AWAY);
    vi.useRealTimers();
  });

  test('without a token it is said, and nothing is asked', async () => {
    setOptional(extension.shopify, 'sessionToken', {get: async () => undefined});
    await extension.render();
    await says(AWAY);
    expect(proxy.asked).toEqual([]);
  });

  test('a token that cannot be had ends no page', async () => {
    setOptional(extension.shopify, 'sessionToken', {get: () => Promise.reject(new Error('boom'))});
    await extension.render();
    await says(AWAY);
  });

  test('who leaves before the answer is written nothing', async () => {
    const kept = later();
    proxy.on('GET /v1/rewards', kept.answer);
    await extension.render();
    await waitFor(() => expect(proxy.times('GET /v1/rewards')).toBe(1));
    render(null, document.body);
    kept.give(json(rewards()));
    await kept.answer();
    expect(document.body.innerHTML).toBe('');
  });

  test('a merchant in the editor sees an example that says so, under their own heading', async () => {
    setOptional(extension.shopify.extension, 'editor', {type: 'checkout'});
    live(extension.shopify, 'settings', {heading: 'Insiders'});
    await extension.render();
    await says('Example');
    expect(all('s-section')[0]?.getAttribute('heading')).toBe('Insiders');
    expect(proxy.asked).toEqual([]);
  });
});

function all(selector: string): Element[] {
  return [...document.querySelectorAll<Element>(selector)];
}

function text(): string {
  return all('s-text, s-badge').map((each) => each.textContent).join(' | ');
}

async function says(part: string): Promise<void> {
  await waitFor(() => expect(text()).toContain(part));
}
