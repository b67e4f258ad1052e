/** The `shopify` of POS targets: its Cart API over a till's cart in the sandbox. */
import {derived, fixed, follow} from '../mirror';
import type {TillCart, Variant} from '../sandbox';
import type {TillStage} from '../stage';
import {tillStorage} from '../storage';
import {language, type Words} from './language';

export function tillHost(target: string, extension: string, stage: TillStage, words: Words): object {
  const cart = follow(stage.cart);
  const online = follow(stage.online);
  const editable = follow(stage.editable);
  const staff = follow(stage.staff);
  const {register, present} = stage;
  return {
    ...language(stage.language, words),
    extension: {apiVersion: '2026-07', target},
    extensionPoint: target,
    cart: {
      current: derived(() => ({...cartOf(cart.value, stage.variants), editable: editable.value})),
      ...cartCalls(stage),
    },
    ...(stage.cart.value.customer_id === null ? {} : {customer: {id: stage.cart.value.customer_id}}),
    session: {
      currentSession: {
        shopId: 880042,
        userId: staff.value,
        shopDomain: 'sandbox-shop.myshopify.com',
        locationId: register.location,
        currency: stage.currency,
        posVersion: '11.2.0',
      },
      staffMember: derived(() => ({id: staff.value})),
      deviceId: register.device,
      getSessionToken: stage.token,
    },
    device: {
      name: register.name,
      registerName: register.name,
      getDeviceId: async () => String(register.device),
      isTablet: async () => true,
    },
    connectivity: {current: derived(() => ({internetConnected: online.value ? 'Connected' : 'Disconnected'}))},
    storage: tillStorage(extension),
    toast: {show: stage.toast},
    action: {presentModal: () => present?.()},
    scanner: {
      scannerData: {current: follow(stage.scanned)},
      sources: {current: fixed(['camera'])},
      showCameraScanner: () => undefined,
      hideCameraScanner: () => undefined,
    },
    pinPad: {showPinPad: () => undefined},
  };
}

/** None of them says whether a discount took, as POS does not. */
function cartCalls({call, cart}: TillStage): object {
  return {
    addCartCodeDiscount: (code: string) => call('POST', 'codes', {code}),
    removeAllDiscounts: () => call('DELETE', 'discounts'),
    addCartProperties: (properties: Record<string, string>) => call('POST', 'properties', properties),
    removeCartProperties: (keys: string[]) => call('POST', 'properties/remove', {keys}),
    setCustomer: ({id}: {id: number}) => call('POST', 'customer', {customer_id: id}),
    removeCustomer: () => call('POST', 'customer', {customer_id: null}),
    addLineItem: async (variantId: number, quantity: number) => {
      const lines = cart.value.lines.map(({variant_id, quantity: had}) => ({variant_id, quantity: had}));
      await call('POST', 'lines', {lines: [...lines, {variant_id: variantId, quantity}]});
      return String(variantId);
    },
  };
}

function cartOf(cart: TillCart, variants: readonly Variant[]): object {
  const off = cart.discounts.map(({type, label, amount}) => {
    return {
      amount: Number(amount),
      currency: cart.currency,
      discountDescription: label,
      type: type === 'discount_code' ? 'Code' : 'FixedAmount',
    };
  });
  return {
    subtotal: cart.subtotal,
    taxTotal: cart.tax,
    grandTotal: cart.total,
    cartDiscounts: off,
    ...(off[0] === undefined ? {} : {cartDiscount: off[0]}),
    ...(cart.customer_id === null ? {} : {customer: {id: cart.customer_id}}),
    properties: cart.attributes,
    lineItems: cart.lines.map((line) => {
      const variant = variants.find((each) => each.variant_id === line.variant_id);
      return {
        uuid: String(line.id),
        price: Number(line.price),
        quantity: line.quantity,
        title: line.title,
        variantId: line.variant_id,
        productId: variant?.product_id,
        sku: variant?.sku,
        discounts: [],
        discountAllocations: [],
        taxable: true,
        taxLines: [],
        properties: {},
        isGiftCard: variant?.gift_card ?? false,
      };
    }),
  };
}
