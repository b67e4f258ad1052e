/** A till that prices: the tester's own has no live cart, and its calls do nothing. */
import type {Cart, Discount, LineItem} from '@shopify/ui-extensions/point-of-sale';
import {signal, type Signal} from '@preact/signals';
import {createCartLineItem, createStorage} from '@shopify/ui-extensions-tester/point-of-sale';
import {spoken} from '../../test-support/src/texts';
import en from '../../pos-redeem/locales/en.default.json';
import type {Till} from '../src/till';

/** What a till does with a code that the shop has: takes it, refuses it, or one of the two without saying so. */
export type Codes = 'taken' | 'refused' | 'ignored' | 'refused_but_taken' | 'listed_for_nothing';

export interface TillState {
  readonly cart: Signal<Cart>;
  readonly connected: Signal<{internetConnected: 'Connected' | 'Disconnected'}>;
  readonly staff: Signal<{id: number} | undefined>;
  readonly scanned: Signal<{data?: string}>;
  readonly storage: Till['storage'];
  readonly toasts: string[];
  readonly calls: string[];
  /** What each code takes off, in major units. */
  readonly worth: Map<string, number>;
  codes: Codes;
  token: () => Promise<string | undefined>;
  modals: number;
  /** Other discounts that a cashier has put on. */
  put(discount: Discount): void;
  setCustomer(id: number | null): void;
  takeOffByHand(code: string): void;
}

interface Options {
  readonly customer?: number | null;
  /** Of the one line on the cart; 0 for an empty cart. */
  readonly price?: number;
}

/**
 * Puts a till in the place of the tester's own global, whose guard refuses to read what is not there: a cart without a
 * customer, or a property that nobody has set.
 */
export function standInTill({customer = 7, price = 40}: Options = {}): TillState {
  const line: LineItem = createCartLineItem({price, quantity: 1, productId: 11, variantId: 12});
  const cart = signal<Cart>(
    priced({
      subtotal: '0.00',
      taxTotal: '0.00',
      grandTotal: '0.00',
      cartDiscounts: [],
      properties: {},
      lineItems: price === 0 ? [] : [line],
      ...(customer === null ? {} : {customer: {id: customer}}),
    }),
  );
  const change = (by: (now: Cart) => Partial<Cart>) => void (cart.value = priced({...cart.value, ...by(cart.value)}));
  const state: TillState = {
    cart,
    connected: signal<{internetConnected: 'Connected' | 'Disconnected'}>({internetConnected: 'Connected'}),
    staff: signal<{id: number} | undefined>({id: 31}),
    scanned: signal<{data?: string}>({}),
    // The tester brings types of its own copy of the package; what they describe is the same.
    storage: createStorage() as unknown as Till['storage'],
    toasts: [],
    calls: [],
    worth: new Map(),
    codes: 'taken',
    token: async () => 'token',
    modals: 0,
    put: (discount) => change((now) => ({cartDiscounts: [...now.cartDiscounts, discount]})),
    setCustomer: (id) => {
      const {customer: _, ...rest} = cart.value;
      cart.value = id === null ? rest : {...rest, customer: {id}};
    },
    takeOffByHand: (code) =>
      change((now) => ({cartDiscounts: now.cartDiscounts.filter((each) => each.discountDescription !== code)})),
  };
  const called = (name: string, ...said: unknown[]) =>
    state.calls.push([name, ...said.map((each) => JSON.stringify(each))].join(' '));
  Object.defineProperty(globalThis, 'shopify', {
    value: shopifyOf(state, calls(state, change, called)),
    configurable: true,
    writable: true,
  });
  return state;
}

function shopifyOf(state: TillState, cart: Partial<Till['cart']>) {
  return {
    cart: {current: state.cart, ...cart},
    connectivity: {current: state.connected},
    customer: {id: 7},
    i18n: spoken(en),
    session: {
      currentSession: {
        shopId: 1,
        userId: 5,
        shopDomain: 'shop.myshopify.com',
        locationId: 21,
        currency: 'AUD',
        posVersion: '11.0.0',
      },
      staffMember: state.staff,
      deviceId: 41,
      getSessionToken: () => state.token(),
    },
    storage: state.storage,
    toast: {show: (text: string) => state.toasts.push(text)},
    scanner: {
      scannerData: {current: state.scanned},
      sources: {current: signal([])},
      showCameraScanner: () => undefined,
      hideCameraScanner: () => undefined,
    },
    action: {presentModal: () => void (state.modals += 1)},
  };
}

function calls(
  state: TillState,
  change: (by: (now: Cart) => Partial<Cart>) => void,
  called: (name: string, ...said: unknown[]) => void,
): Partial<Till['cart']> {
  return {
    addCartCodeDiscount: async (code) => {
      called('addCartCodeDiscount', code);
      const amount = state.codes === 'listed_for_nothing' ? 0 : (state.worth.get(code) ?? 0);
      const known = state.worth.has(code);
      if (known && ['taken', 'refused_but_taken', 'listed_for_nothing'].includes(state.codes)) {
        change((now) => ({
          cartDiscounts: [...now.cartDiscounts, {amount, type: 'FixedAmount', discountDescription: code}],
        }));
      }
      if (state.codes === 'refused' || state.codes === 'refused_but_taken') throw new Error('cannot be applied');
    },
    addCartProperties: async (properties) => {
      called('addCartProperties', properties);
      change((now) => ({properties: {...now.properties, ...properties}}));
    },
    removeCartProperties: async (keys) => {
      called('removeCartProperties', keys);
      change(({properties}) => ({
        properties: Object.fromEntries(Object.entries(properties).filter(([key]) => !keys.includes(key))),
      }));
    },
    removeAllDiscounts: async (automatic) => {
      called('removeAllDiscounts', automatic);
      change(() => ({cartDiscounts: []}));
    },
    setCustomer: async ({id}) => {
      called('setCustomer', id);
      state.setCustomer(id);
    },
    removeCustomer: async () => {
      called('removeCustomer');
      state.setCustomer(null);
    },
  };
}

function priced(cart: Cart): Cart {
  const subtotal = cart.lineItems.reduce((sum, line) => sum + (line.price ?? 0) * line.quantity, 0);
  const off = cart.cartDiscounts.reduce((sum, {amount}) => sum + amount, 0);
  return {...cart, subtotal: subtotal.toFixed(2), grandTotal: Math.max(0, subtotal - off).toFixed(2)};
}
