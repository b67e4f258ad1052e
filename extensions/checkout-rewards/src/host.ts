/** What the redeem flow can do with a checkout: codes and attributes, and what came off by them. */
import type {Redemption} from '../../shared/src/client';
import {plus, type Money} from '../../shared/src/money';
import {findOpen, sameCode} from '../../shared/src/open';
import type {Host} from '../../shared/src/redeem';
import {cartOf} from './cart';
import {exact, settled, type Counted, type Platform} from './platform';

const SETTLES_MS = 5_000;

/** `by`: whether what is redeemed stands on the cart by a code, or, having none, by an attribute. */
export type By = 'code' | 'attribute';

export function checkoutHost(platform: Platform, by: By): Host {
  return {
    closed: () => (mayChange(platform, by) ? null : 'not_editable'),
    cart: () => cartOf(platform, 'codes'),
    scope: () => platform.checkoutToken.value ?? null,
    apply: (redemption) => apply(platform, redemption),
    verify: async (redemption) => {
      if (redemption.code === null) return null;
      const {discountAllocations, discountCodes, lines} = platform;
      await settled([discountAllocations, discountCodes, lines], () => off(platform, redemption) !== null, SETTLES_MS);
      return off(platform, redemption);
    },
    remove: (redemption) => remove(platform, redemption),
  };
}

/** In an express wallet this may say yes, and the change is refused all the same. */
export function mayChange({instructions}: Platform, by: By): boolean {
  const {discounts, attributes} = instructions.value;
  return by === 'code' ? discounts.canUpdateDiscountCodes : attributes.canUpdateAttributes;
}

/** Whether it stands on the checkout, by its code or by its attribute. */
export function stands({discountCodes, attributes}: Counted, redemption: Redemption): boolean {
  const codes = discountCodes.value.map(({code}) => code);
  const carried = Object.fromEntries(attributes.value.map(({key, value}) => [key, value]));
  return findOpen([redemption], {codes, attributes: carried}).applied.length > 0;
}

/** What came off by its code; null if nothing did. */
export function off(cart: Counted, redemption: Redemption): Money | null {
  if (redemption.code === null || !stands(cart, redemption)) return null;
  // Delivery is discounted where it is chosen, which may come later: until then the code stands and waits.
  if (redemption.benefit?.gives === 'free_shipping') return offDelivery(cart);
  // An order's discount is told of the cart, a product's of its lines.
  const {discountAllocations, lines} = cart;
  return byCode(discountAllocations.value, redemption.code)
    ?? byCode(lines.value.flatMap((line) => line.discountAllocations), redemption.code);
}

type Allocation = Platform['discountAllocations']['value'][number];

function byCode(allocations: readonly Allocation[], code: string): Money | null {
  const ours = allocations.filter((each) => each.type === 'code' && sameCode(each.code, code));
  const sum = ours.map((each) => exact(each.discountedAmount)).reduce<Money | null>(added, null);
  return sum === null || sum.minor === 0 ? null : sum;
}

function offDelivery({deliveryGroups, cost}: Counted): Money {
  const nothing = {minor: 0, currency: cost.subtotalAmount.value.currencyCode};
  const chosen = deliveryGroups.value.flatMap(({deliveryOptions, selectedDeliveryOption}) => {
    return deliveryOptions.filter((each) => each.handle === selectedDeliveryOption?.handle);
  });
  return chosen.reduce<Money>((sum, option) => {
    if (!('costAfterDiscounts' in option)) return sum;
    const before = exact(option.cost);
    return plus(sum, {...before, minor: before.minor - exact(option.costAfterDiscounts).minor});
  }, nothing);
}

function added(sum: Money | null, each: Money): Money {
  return sum === null ? each : plus(sum, each);
}

async function apply(platform: Platform, redemption: Redemption): Promise<boolean> {
  const {code, cart_attribute: attribute} = redemption;
  if (code !== null) {
    return (await platform.applyDiscountCodeChange({type: 'addDiscountCode', code})).type === 'success';
  }
  if (attribute === null) return false;
  // Deprecated, but its successor, a cart metafield, reaches the order only where a shop has defined a copy of it.
  const {type} = await platform.applyAttributeChange({type: 'updateAttribute', ...attribute});
  // Nothing comes off by it, so that it stands there is all that can be verified.
  return type === 'success' && settled([platform.attributes], () => stands(platform, redemption), SETTLES_MS);
}

async function remove(platform: Platform, redemption: Redemption): Promise<void> {
  const {code, cart_attribute: attribute} = redemption;
  // Asked for even where it is not seen yet: a code that comes late would stay.
  if (code !== null) await platform.applyDiscountCodeChange({type: 'removeDiscountCode', code});
  else if (attribute !== null) await platform.applyAttributeChange({type: 'removeAttribute', key: attribute.key});
}
