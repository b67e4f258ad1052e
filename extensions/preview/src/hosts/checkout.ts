/** The `shopify` of checkout and thank-you targets, over a cart that the sandbox prices. */
import {derived, fixed, follow} from '../mirror';
import type {LineOnCart, ShopCart, Variant} from '../sandbox';
import type {CheckoutStage} from '../stage';
import {checkoutStorage} from '../storage';
import {language, type Words} from './language';

const money = (amount: string, currencyCode: string) => ({amount: Number(amount), currencyCode});

export function checkoutHost(target: string, stage: CheckoutStage, words: Words): object {
  const cart = follow(stage.cart);
  const may = follow(stage.mayChangeCodes);
  const amount = (name: 'subtotal' | 'tax' | 'shipping' | 'total') =>
    derived(() => money(cart.value[name], cart.value.currency));
  return {
    ...language(stage.language, words),
    ...(stage.order === null
      ? {}
      : {orderConfirmation: fixed({order: {id: gid('Order', stage.order.id)}, isFirstOrder: false})}),
    extension: {
      apiVersion: '2026-07',
      target,
      scriptUrl: '',
      capabilities: fixed(['network_access']),
      rendered: fixed(true),
      ...(stage.editor ? {editor: {type: 'checkout'}} : {}),
    },
    extensionPoint: target,
    buyerIdentity: {
      customer: derived(() => person(cart.value.customer_id)),
      email: fixed(undefined),
      phone: fixed(undefined),
    },
    sessionToken: {get: stage.token},
    instructions: derived(() => ({
      attributes: {canUpdateAttributes: may.value},
      discounts: {canUpdateDiscountCodes: may.value},
      lines: {canAddCartLine: true, canRemoveCartLine: true, canUpdateCartLine: true},
      metafields: {canSetCartMetafields: may.value, canDeleteCartMetafield: may.value},
      notes: {canUpdateNote: true},
      delivery: {canSelectCustomAddress: true},
    })),
    discountCodes: derived(() => cart.value.codes.filter(applies).map(({code}) => ({code}))),
    discountAllocations: derived(() => allocations(cart.value)),
    lines: derived(() => cart.value.lines.map((line) => lineOf(line, cart.value.currency, stage.variants))),
    cost: {
      subtotalAmount: amount('subtotal'),
      totalAmount: amount('total'),
      totalTaxAmount: amount('tax'),
      totalShippingAmount: amount('shipping'),
    },
    attributes: derived(() => Object.entries(cart.value.attributes).map(([key, value]) => ({key, value}))),
    checkoutToken: derived(() => cart.value.checkout_token),
    appMetafields: fixed([]),
    settings: fixed(stage.settings),
    storage: checkoutStorage(stage.cart.value.checkout_token),
    shop: {id: gid('Shop', 1), name: 'Sandbox shop', myshopifyDomain: 'sandbox-shop.myshopify.com', storefrontUrl: ''},
    ...changes(stage),
  };
}

/** Shopify says no more than that; its message is for developers. */
function changes(stage: CheckoutStage): object {
  type Change = {readonly type: string; readonly key?: string; readonly code?: string; readonly value?: string};
  const said = (done: boolean) => (done ? {type: 'success'} : {type: 'error', message: 'stand-in: refused'});
  return {
    applyDiscountCodeChange: async ({type, code = ''}: Change) =>
      said(await stage.change(type === 'addDiscountCode' ? {add: code} : {remove: code})),
    applyAttributeChange: async ({type, key = '', value = ''}: Change) => {
      await stage.attribute(key, type === 'removeAttribute' ? null : value);
      return said(true);
    },
    applyMetafieldChange: async () => said(true),
    applyNoteChange: async () => said(true),
  };
}

function allocations(cart: ShopCart): object[] {
  return cart.codes.filter(applies).map(({code, amount}) => {
    return {type: 'code', code, discountedAmount: money(amount, cart.currency)};
  });
}

function lineOf(line: LineOnCart, currency: string, variants: readonly Variant[]): object {
  const variant = variants.find((each) => each.variant_id === line.variant_id);
  return {
    id: gid('CartLine', line.id),
    quantity: line.quantity,
    attributes: [],
    lineComponents: [],
    parentRelationship: null,
    discountAllocations: [],
    cost: {totalAmount: money(line.total, currency)},
    merchandise: {
      type: 'variant',
      id: gid('ProductVariant', line.variant_id),
      title: line.title,
      sku: variant?.sku,
      selectedOptions: [],
      requiresShipping: !variant?.gift_card,
      product: {id: gid('Product', variant?.product_id ?? 0), vendor: '', productType: ''},
    },
  };
}

function person(id: number | null): object | undefined {
  return id === null ? undefined : {id: gid('Customer', id), acceptsMarketing: false, storeCreditAccounts: []};
}

function applies({applicable}: {readonly applicable: boolean}): boolean {
  return applicable;
}

function gid(kind: string, id: number): string {
  return `gid://shopify/${kind}/${id}`;
}
