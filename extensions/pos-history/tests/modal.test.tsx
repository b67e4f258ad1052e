/// <reference types="@shopify/ui-extensions/pos.home.modal.render" />
import {getExtension} from '@shopify/ui-extensions-tester';
import {waitFor} from '@testing-library/preact';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {history, overview, sale} from '../../pos-shared/tests/samples';
import {button, close, disabled, seen, sees, tap} from '../../pos-shared/tests/screen';
import {standInTill, type TillState} from '../../pos-shared/tests/stand_in_till';
import {strangers} from '../../test-support/src/components';
import {json, problem, ProxyStandIn} from '../../test-support/src/proxy';

const TARGET = 'pos.home.modal.render';
const HISTORY = 'GET /v1/pos/customers/7/history';
const extension = getExtension(TARGET);
let till: TillState;
let proxy: ProxyStandIn;

beforeEach(() => {
  extension.setUp();
  till = standInTill();
  proxy = new ProxyStandIn().on('GET /v1/pos/customers/7', () => json(overview())).on(HISTORY, () => json(history()));
  extension.fetch = proxy.fetch;
});

afterEach(() => {
  expect(strangers(TARGET)).toEqual([]);
  close();
  extension.tearDown();
});

test('a sale says when, where, how much, what was bought and what was redeemed', async () => {
  const used = [{type: 'reward', name: 'Birthday', value: '10.00', count: null}];
  proxy.on(HISTORY, () => json(history({transactions: [sale({redemptions: [{amount: '10.00', used}]})]})));
  await extension.render();
  await sees('A$30.00');
  expect(seen()).toContain('Nov 20, 2026');
  for (const text of ['#1001 · Main Street · pos', '2 × Scarf', 'A$10.00 redeemed: Birthday'])
    expect(seen()).toContain(text);
});

test('a return, a void and what was given back are marked', async () => {
  proxy.on(HISTORY, () =>
    json(
      history({
        transactions: [
          sale({
            id: 2,
            returned: true,
            total: '-15.00',
            linked_receipt_ref: '#1001',
            reversed: [{amount: '5.00', used: []}],
            items: [{name: 'Scarf', sku: null, quantity: '1.00', price: '15.00', returned: true}],
          }),
          sale({id: 3, void: true}),
        ],
      }),
    ),
  );
  await extension.render();
  await sees('-A$15.00');
  for (const text of ['Return', 'For receipt #1001', 'A$5.00 given back', '1 × Scarf (returned)', 'Voided'])
    expect(seen()).toContain(text);
});

test('a sale without a currency is a number, and one with a strange amount is shown as it came', async () => {
  proxy.on(HISTORY, () =>
    json(history({transactions: [sale({currency: null, total: '30.00'}), sale({id: 2, total: '12.345'})]})),
  );
  await extension.render();
  await sees('12.345');
  expect(seen()).toMatch(/^30\.00$/m);
});

test('pages go back and forth, and end', async () => {
  proxy.on(HISTORY, (_, nth) =>
    json(history({page: nth, more: nth === 1, transactions: [sale({receipt_ref: `#${nth}`})]})),
  );
  await extension.render();
  await sees('#1');
  expect(disabled(button('Newer'))).toBe(true);
  await tap('Older');
  await sees('#2');
  await waitFor(() => expect(disabled(button('Older'))).toBe(true));
  await tap('Newer');
  await sees('#3');
});

test('nobody has bought anything yet', async () => {
  proxy.on(HISTORY, () => json(history({transactions: []})));
  await extension.render();
  await sees('No purchases yet.');
});

test('what may not be the newest is called so', async () => {
  proxy.on(HISTORY, () => json(history({stale: true})));
  await extension.render();
  await sees('The newest purchases may be missing.');
});

test('a history that cannot be read is explained, and can be tried again', async () => {
  proxy.on(HISTORY, (_, nth) =>
    nth === 1 ? problem(503, 'upstream_unavailable', {}, {retryable: true}) : json(history()),
  );
  await extension.render();
  await sees('Rewards are unavailable');
  await tap('Try again');
  await sees('2 × Scarf');
});

test('another shape is no error page', async () => {
  proxy.on(HISTORY, () => json({hello: 'there'}));
  await extension.render();
  await sees('Rewards could not be reached.');
});

test('another customer is another history', async () => {
  proxy
    .on('GET /v1/pos/customers/8', () => json(overview()))
    .on('GET /v1/pos/customers/8/history', () => json(history({transactions: [sale({receipt_ref: '#8008'})]})));
  await extension.render();
  await sees('#1001');
  till.setCustomer(8);
  await sees('#8008');
  expect(seen()).not.toContain('#1001');
});
