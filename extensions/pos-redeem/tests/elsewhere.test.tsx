/// <reference types="@shopify/ui-extensions/pos.home.modal.render" />
import {expect, test, vi} from 'vitest';
import {against, benefit, benefits, money, overview, quote, redemption} from '../../pos-shared/tests/samples';
import {button, seen, sees, tap, type} from '../../pos-shared/tests/screen';
import {json, problem} from '../../test-support/src/proxy';
import {CUSTOMER, QUOTE, REDEEM, RELEASE, extension, proxy, redeemTen, till} from './redeeming';

test('value that another cart holds is taken over at a tap', async () => {
  proxy.on(REDEEM, ({body}) =>
    body?.['take_over'] === true
      ? json(redemption(), 201)
      : problem(409, 'held_elsewhere', {surface: 'checkout', location: null, until: '2026-11-21T11:00:00Z'}),
  );
  await redeemTen();
  await tap('Use here instead');
  await sees('of rewards applied');
});

test('more than a bound needs a reason, and says it with the wish', async () => {
  proxy.on(QUOTE, ({body}) => json(body?.['reason'] ? quote() : against('reason_required', {above: money('5.00')})));
  await extension.render();
  await type('Amount', '10');
  await sees('More than A$5.00 needs a reason.');
  await type('Reason', 'Goodwill');
  await tap('Apply A$10.00');
  await sees('of rewards applied');
  expect(proxy.asked.find(({route}) => route === REDEEM)?.body).toMatchObject({reason: 'Goodwill'});
});

test('a colleague approves at another login, and then the same wish goes on under a new key', async () => {
  const approval = {
    id: 'apr_1',
    state: 'pending',
    customer_id: '7',
    amount: money('10.00'),
    requested_by: '5',
    granted_by: null,
    expires_at: '2036-01-01T00:00:00Z',
  };
  proxy
    .on(QUOTE, () => json(against('approval_required', {above: money('5.00')})))
    .on(REDEEM, ({body}) =>
      body?.['approval'] === 'apr_1'
        ? json(redemption(), 201)
        : problem(409, 'approval_required', {
            above: money('5.00'),
            approval: 'apr_1',
            expires_at: '2036-01-01T00:00:00Z',
          }),
    )
    .on('GET /v1/pos/approvals/apr_1', () => json({...approval, state: 'granted', granted_by: '6'}));
  await extension.render();
  await type('Amount', '10');
  // Said beforehand, and no reason not to tap: only the tap asks the colleague.
  await sees('needs a colleague’s approval');
  await tap('Apply A$10.00');
  await sees('apr_1');
  await sees('Waiting for the approval');
  await vi.advanceTimersByTimeAsync(5_000);
  await sees('of rewards applied');
  const keys = proxy.asked.filter(({route}) => route === REDEEM).map(({headers}) => headers['idempotency-key']);
  expect(new Set(keys).size).toBe(2);
});

test('a colleague sees what was asked for and grants it, whoever is on the cart', async () => {
  till.setCustomer(null);
  const approval = {
    id: 'apr_1',
    state: 'pending',
    customer_id: '7',
    amount: money('80.00'),
    requested_by: '5',
    granted_by: null,
    expires_at: '2036-01-01T00:00:00Z',
  };
  proxy
    .on('GET /v1/pos/approvals/apr_1', () => json(approval))
    .on('POST /v1/pos/approvals/apr_1', () => json({...approval, state: 'granted', granted_by: '6'}));
  await extension.render();
  await tap('Approve for a colleague');
  await type('Number of the approval', 'apr_1');
  await tap('Look');
  await tap('Approve A$80.00');
  await sees('Approved');
  expect(button('Approve A$80.00')).toBeNull();
});

test('nobody grants what they asked for', async () => {
  proxy
    .on('GET /v1/pos/approvals/apr_1', () =>
      json({
        id: 'apr_1',
        state: 'pending',
        customer_id: '7',
        amount: money('80.00'),
        requested_by: '5',
        granted_by: null,
        expires_at: '2036-01-01T00:00:00Z',
      }),
    )
    .on('POST /v1/pos/approvals/apr_1', () => problem(403, 'approval_own'));
  await extension.render();
  await tap('Approve for a colleague');
  await type('Number of the approval', 'apr_1');
  await tap('Look');
  await tap('Approve A$80.00');
  await sees('Somebody else has to approve this.');
});

test('what is open elsewhere is shown, and goes onto this cart at a tap without another hold', async () => {
  proxy.on(CUSTOMER, (_, nth) => json(overview({redemptions: nth === 1 ? [redemption()] : []})));
  await extension.render();
  await sees('Set aside, but not on this cart');
  await tap('Use here instead');
  await sees('of rewards applied');
  expect(proxy.times(REDEEM)).toBe(0);
  expect(till.cart.value.grandTotal).toBe('30.00');
});

test('what is open elsewhere is released at a tap', async () => {
  proxy.on(CUSTOMER, (_, nth) => json(overview({redemptions: nth === 1 ? [redemption()] : []})));
  await extension.render();
  await tap('Release');
  await sees('The rewards were removed.');
  expect(proxy.times(RELEASE)).toBe(1);
  expect(seen()).not.toContain('Set aside');
  expect(till.calls).toEqual([]);
});

test('a benefit that is handed over is named on the cart, and has no code', async () => {
  proxy
    .on(`${CUSTOMER}/benefits`, () => json(benefits({benefits: [benefit()]})))
    .on(REDEEM, () =>
      json(
        redemption({
          amount: null,
          code: null,
          benefit: {id: 3, handle: 'coffee', gives: 'record', uses: 1, captured: 0, returned: 0},
          cart_attribute: {key: '_redemption_12345678', value: 'red_aaaaaaaaaaaa12345678'},
        }),
        201,
      ),
    );
  await extension.render();
  await sees('Hand over a coffee');
  await tap('Apply');
  await sees('A free coffee applied.');
  expect(till.cart.value.properties).toMatchObject({_redemption_12345678: 'red_aaaaaaaaaaaa12345678'});
  expect(till.calls.filter((call) => call.startsWith('addCartCode'))).toEqual([]);
});

test('a profile that may not redeem is said, and offers nothing', async () => {
  proxy.on(CUSTOMER, () => json(overview({status: 'profile_inactive'})));
  await extension.render();
  await sees('The rewards account is not active.');
  expect(document.querySelector('s-number-field')).toBeNull();
});

test('a customer whom the programme does not know yet is told so', async () => {
  proxy.on(CUSTOMER, () => json(overview({status: 'pending_profile', balance: null, profile: null})));
  await extension.render();
  await sees('The rewards account is being set up.');
});
