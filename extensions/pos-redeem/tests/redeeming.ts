/// <reference types="@shopify/ui-extensions/pos.home.modal.render" />
/** A modal on a till's cart of A$40.00, for a customer with A$25.00, whose proxy grants A$10.00 under RWD-ONE. */
import {getExtension} from '@shopify/ui-extensions-tester';
import {waitFor} from '@testing-library/preact';
import {afterAll, afterEach, beforeAll, beforeEach, expect, vi} from 'vitest';
import {benefits, overview, quote, redemption} from '../../pos-shared/tests/samples';
import {close, tap, type} from '../../pos-shared/tests/screen';
import {standInTill, type TillState} from '../../pos-shared/tests/stand_in_till';
import {strangers} from '../../test-support/src/components';
import {json, ProxyStandIn} from '../../test-support/src/proxy';

const TARGET = 'pos.home.modal.render';
export const extension = getExtension(TARGET);
export let till: TillState;
export let proxy: ProxyStandIn;

export const CUSTOMER = 'GET /v1/pos/customers/7';
export const QUOTE = 'POST /v1/pos/redemptions/quote';
export const REDEEM = 'POST /v1/pos/redemptions';
export const RELEASE = 'DELETE /v1/pos/redemptions/*';

// Time goes on by itself, and faster where a test says so; never switched within, as Preact has timers of its own.
beforeAll(() => void vi.useFakeTimers({shouldAdvanceTime: true}));
afterAll(() => void vi.useRealTimers());

beforeEach(() => {
  extension.setUp();
  till = standInTill();
  till.worth.set('RWD-ONE', 10);
  proxy = new ProxyStandIn()
    .on(CUSTOMER, () => json(overview()))
    .on(`${CUSTOMER}/benefits`, () => json(benefits({benefits: []})))
    .on(QUOTE, () => json(quote()))
    .on(REDEEM, () => json(redemption(), 201))
    .on(RELEASE, () => json(redemption({state: 'releasing', code: null})));
  extension.fetch = proxy.fetch;
});

afterEach(() => {
  expect(strangers(TARGET)).toEqual([]);
  close();
  extension.tearDown();
});

/** As long as a till is given to show what a code did. */
export async function settles(): Promise<void> {
  await waitFor(() => expect(till.calls.some((call) => call.startsWith('addCartCode'))).toBe(true));
  await vi.advanceTimersByTimeAsync(3_000);
  await waitFor(() => expect(proxy.times(RELEASE)).toBe(1));
}

export async function redeemTen(): Promise<void> {
  await extension.render();
  await type('Amount', '10');
  await tap('Apply A$10.00');
}
