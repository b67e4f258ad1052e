/// <reference types="@shopify/ui-extensions/pos.home.modal.render" />
import {getExtension} from '@shopify/ui-extensions-tester';
import {waitFor} from '@testing-library/preact';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {benefit, benefits, money, overview, redemption} from '../../pos-shared/tests/samples';
import {button, close, seen, sees, tap} from '../../pos-shared/tests/screen';
import {standInTill, type TillState} from '../../pos-shared/tests/stand_in_till';
import {strangers} from '../../test-support/src/components';
import {json, problem, ProxyStandIn} from '../../test-support/src/proxy';

const TARGET = 'pos.home.modal.render';
const BENEFITS = 'GET /v1/pos/customers/7/benefits';
const CLAIM = 'POST /v1/pos/customers/7/benefits/claims';
const REDEEM = 'POST /v1/pos/redemptions';
const RELEASE = 'DELETE /v1/pos/redemptions/*';
const extension = getExtension(TARGET);
let till: TillState;
let proxy: ProxyStandIn;

const FIVE = {id: 3, handle: 'five', gives: 'amount', uses: 1, captured: 0, returned: 0};
const offer = {
  handle: 'tea',
  name: 'A free tea',
  description: 'Any leaf',
  terms: 'Once',
  claim_until: '2026-12-24T00:00:00Z',
};

beforeEach(() => {
  extension.setUp();
  till = standInTill();
  till.worth.set('BEN-FIVE', 5);
  proxy = new ProxyStandIn()
    .on('GET /v1/pos/customers/7', () => json(overview()))
    .on(BENEFITS, () => json(benefits()))
    .on('POST /v1/pos/redemptions/quote', () => json({verdicts: []}))
    .on(REDEEM, () => json(redemption({amount: null, benefit: FIVE, code: 'BEN-FIVE'}), 201))
    .on(RELEASE, () => json(redemption({code: null})));
  extension.fetch = proxy.fetch;
});

afterEach(() => {
  expect(strangers(TARGET)).toEqual([]);
  close();
  extension.tearDown();
});

test('a benefit says what it gives, how it is used, how often and until when', async () => {
  const five = benefit({
    name: 'Five off',
    terms: 'Once a year',
    remaining: 2,
    expires_at: '2026-12-31T00:00:00Z',
    effect: {kind: 'amount', percent: null, amount: money('5.00'), on: 'order'},
  });
  proxy.on(BENEFITS, () => json(benefits({benefits: [five]})));
  await extension.render();
  await sees('Five off');
  for (const text of [
    'A$5.00 off',
    'Any size',
    'Hand over a coffee',
    '2 uses left',
    'Expires on Dec 31, 2026',
    'Once a year',
  ]) {
    expect(seen()).toContain(text);
  }
});

test('it goes onto the cart by its code, and what came off is seen there', async () => {
  await extension.render();
  await tap('Apply');
  await sees('A free coffee applied.');
  expect(till.cart.value.grandTotal).toBe('35.00');
  expect(proxy.asked.find(({route}) => route === REDEEM)?.body).toMatchObject({
    benefit: {id: 3, uses: 1},
    customer_id: '7',
    device_id: '41',
  });
});

test('it comes off again, and is freed', async () => {
  await extension.render();
  await tap('Apply');
  await tap('Remove');
  await sees('The rewards were removed.');
  expect(till.cart.value.grandTotal).toBe('40.00');
  expect(proxy.times(RELEASE)).toBe(1);
});

test('one that cannot be used here says why, and cannot be tapped', async () => {
  proxy.on(BENEFITS, () =>
    json(benefits({benefits: [benefit({applicable: false, reason: 'other_surface', effect: null})]})),
  );
  await extension.render();
  await sees('Not usable here, but elsewhere with us.');
  expect(button('Apply')).toBeNull();
});

test('a refusal is explained', async () => {
  proxy.on(REDEEM, () => problem(409, 'benefit_used_up', {left: 0}));
  await extension.render();
  await tap('Apply');
  await sees('This benefit has been used up.');
});

test('on a cart that may not be changed nothing can be tapped', async () => {
  till.cart.value = {...till.cart.value, editable: false};
  await extension.render();
  await sees('This cart cannot be changed');
  expect(button('Apply')).toBeNull();
});

test('what is on offer is claimed at a tap, and then it is there', async () => {
  proxy
    .on(BENEFITS, (_, nth) =>
      json(benefits(nth === 1 ? {benefits: [], claimable: [offer]} : {benefits: [benefit({name: 'A free tea'})]})),
    )
    .on(CLAIM, () => json({benefit: benefit()}, 201));
  await extension.render();
  await sees('Claim until Dec 24, 2026');
  await tap('Claim');
  await waitFor(() => expect(button('Claim')).toBeNull());
  await sees('A free tea');
  expect(proxy.asked.find(({route}) => route === CLAIM)?.body).toEqual({definition: 'tea', device_id: '41'});
});

test('a claim whose answer was lost is asked for again with the same key', async () => {
  proxy
    .on(BENEFITS, () => json(benefits({benefits: [], claimable: [offer]})))
    .on(CLAIM, (_, nth) => (nth === 1 ? Promise.reject(new TypeError('gone')) : json({benefit: benefit()}, 201)));
  await extension.render();
  await tap('Claim');
  await sees('Rewards need a connection');
  await tap('Claim');
  await waitFor(() => expect(proxy.times(CLAIM)).toBe(2));
  const keys = proxy.asked.filter(({route}) => route === CLAIM).map(({headers}) => headers['idempotency-key']);
  expect(keys[0]).toBe(keys[1]);
});

test('a claim that is refused is explained', async () => {
  proxy
    .on(BENEFITS, () => json(benefits({benefits: [], claimable: [offer]})))
    .on(CLAIM, () => problem(409, 'not_claimable'));
  await extension.render();
  await tap('Claim');
  await sees('This cannot be claimed at the moment.');
});

test('nothing to use is said', async () => {
  proxy.on(BENEFITS, () => json(benefits({benefits: []})));
  await extension.render();
  await sees('No benefits at the moment.');
});

test('a part that could not be read is said', async () => {
  proxy.on(BENEFITS, () => json(benefits({missing: ['claimable']})));
  await extension.render();
  await sees('Not everything could be read just now.');
});

test('benefits that cannot be read are explained, and can be tried again', async () => {
  proxy.on(BENEFITS, (_, nth) => (nth === 1 ? problem(429, 'rate_limited', {}, {retryable: true}) : json(benefits())));
  await extension.render();
  await sees('That was too often');
  await tap('Try again');
  await sees('A free coffee');
});
