/** A checkout whose fields are live and whose codes take money off, in front of a stand-in for the proxy. */
import {getExtension} from '@shopify/ui-extensions-tester';
import {createCartLine} from '@shopify/ui-extensions-tester/checkout';
import {fireEvent, waitFor} from '@testing-library/preact';
import {render} from 'preact';
import {afterEach, beforeEach, describe, expect, vi} from 'vitest';
import {benefits, quote, redemption, rewards} from '../../test-support/src/answers';
import {strangers} from '../../test-support/src/components';
import {live, setOptional} from '../../test-support/src/fields';
import {json, ProxyStandIn} from '../../test-support/src/proxy';
import {spoken} from '../../test-support/src/texts';
import texts from '../locales/en.default.json';

const TARGETS = ['purchase.checkout.reductions.render-after', 'purchase.checkout.block.render'] as const;

type Change = {type: 'addDiscountCode' | 'removeDiscountCode'; code: string};
type AttributeChange = {type: 'updateAttribute'; key: string; value: string} | {type: 'removeAttribute'; key: string};

type Result = {type: 'success'} | {type: 'error'; message: string};

export interface Allocation {
  type: 'code';
  code: string;
  discountedAmount: {amount: number; currencyCode: 'AUD'};
}

export function allocation(code: string, amount: number): Allocation {
  return {type: 'code', code, discountedAmount: {amount, currencyCode: 'AUD'}};
}

const MONEY = {amount: 100, currencyCode: 'AUD' as const};

/** Makes the same claims of both places; whatever was rendered has to be of what the place takes. */
export function inBothPlaces(claims: (on: Stage, show: () => Promise<void>) => void): void {
  describe.each(TARGETS)('%s', (target) => {
    const on = {} as Stage;
    beforeEach(() => void Object.assign(on, stage(target)));
    afterEach(() => {
      expect(strangers(target)).toEqual([]);
      strike(on);
    });
    claims(on, () => on.extension.render());
  });
}

/** Sets the mock up; everything in it may be changed before `show`. */
function stage(target: (typeof TARGETS)[number]) {
  const extension = getExtension(target);
  extension.setUp();
  const {shopify} = extension;
  const proxy = new ProxyStandIn()
    .on('GET /v1/rewards', () => json(rewards()))
    .on('GET /v1/benefits', () => json(benefits()))
    .on('POST /v1/redemptions/quote', () => json(quote()))
    .on('POST /v1/redemptions', () => json(redemption(), 201))
    .on('DELETE /v1/redemptions/*', () => json(redemption({state: 'releasing', code: null})));
  extension.fetch = proxy.fetch;
  const customer = live<{id: string} | undefined>({}, 'it', {id: 'gid://shopify/Customer/1'});
  setOptional(shopify, 'buyerIdentity', {customer});
  setOptional(shopify.extension, 'editor', undefined);
  setOptional(shopify, 'i18n', spoken(texts));
  live(shopify.cost, 'subtotalAmount', MONEY);
  const fields = {
    customer,
    codes: live<{code: string}[]>(shopify, 'discountCodes', []),
    allocations: live<Allocation[]>(shopify, 'discountAllocations', []),
    attributes: live<{key: string; value: string}[]>(shopify, 'attributes', []),
    lines: live(shopify, 'lines', [createCartLine({cost: {totalAmount: MONEY}})]),
    rendered: live(shopify.extension, 'rendered', true),
    settings: live<Record<string, string>>(shopify, 'settings', {heading: ''}),
    instructions: live(shopify, 'instructions', {
      attributes: {canUpdateAttributes: true},
      discounts: {canUpdateDiscountCodes: true},
    }),
  };
  setOptional(shopify, 'checkoutToken', live({}, 'it', 'checkout-1'));
  /** What a code takes off; nothing, for one that the checkout takes and counts as nothing. */
  const worth = {amount: 12.5};
  const discounts = vi.fn(async ({type, code}: Change): Promise<Result> => {
    const others = fields.codes.value.filter((each) => each.code !== code);
    fields.codes.value = type === 'addDiscountCode' ? [...others, {code}] : others;
    const off = fields.allocations.value.filter((each) => each.code !== code);
    const counts = type === 'addDiscountCode' && worth.amount > 0;
    fields.allocations.value = counts ? [...off, allocation(code, worth.amount)] : off;
    return {type: 'success'};
  });
  const attributes = vi.fn(async (change: AttributeChange) => {
    const others = fields.attributes.value.filter(({key}) => key !== change.key);
    const {key} = change;
    fields.attributes.value = change.type === 'updateAttribute' ? [...others, {key, value: change.value}] : others;
    return {type: 'success' as const};
  });
  setOptional(shopify, 'applyDiscountCodeChange', discounts);
  setOptional(shopify, 'applyAttributeChange', attributes);
  return {extension, shopify, proxy, fields, worth, discounts, attributes};
}

type Stage = ReturnType<typeof stage>;

/** Leaves the page. */
export function leave(): void {
  render(null, document.body);
}

export function strike({extension}: {extension: {tearDown(): void}}): void {
  leave();
  extension.tearDown();
}

export function text(): string {
  const parts = all('s-text, s-summary, s-badge').map((each) => each.textContent ?? '');
  return parts.join(' | ');
}

/** Elements as the document has them: the package's own types leave their attributes out. */
export function all(selector: string): Element[] {
  return [...document.querySelectorAll<Element>(selector)];
}

/** A button by what a screen reader calls it. */
export function button(label: string): Element {
  const found = all('s-button').find((each) => (each.getAttribute('accessibilitylabel') ?? each.textContent) === label);
  if (found === undefined) throw new Error(`no button ${label}: ${text()}`);
  return found;
}

export async function tap(label: string): Promise<void> {
  const found = await waitFor(() => button(label));
  if (found.getAttribute('disabled') === 'true') throw new Error(`${label} is disabled`);
  fireEvent.click(found);
}

export async function says(part: string): Promise<void> {
  await waitFor(() => {
    const said = text();
    if (!said.includes(part)) throw new Error(`not said: ${part}; but: ${said}`);
  });
}

export async function type(typed: string): Promise<void> {
  const field = await waitFor(() => {
    const [found] = all('s-money-field');
    if (found === undefined) throw new Error('no field');
    return found;
  });
  Object.assign(field, {value: typed});
  fireEvent.input(field);
}

export function submit(): void {
  const form = document.querySelector('s-form');
  if (form === null) throw new Error('no form');
  fireEvent.submit(form);
}
