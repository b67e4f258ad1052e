/** Which of a customer's open redemptions stand on this cart, and which wait somewhere for one. */
import type {Redemption} from './client';

/** What a cart carries; codes in any case, attributes by key. */
export interface Carried {
  readonly codes: readonly string[];
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface Found {
  /** On this cart: shown as applied. */
  readonly applied: readonly Redemption[];
  /** Usable and not here: its answer came and then the page went, or another cart has it. To resume, or to release. */
  readonly waiting: readonly Redemption[];
}

export function findOpen(redemptions: readonly Redemption[], cart: Carried): Found {
  const codes = new Set(cart.codes.map(folded));
  const here = ({code, cart_attribute}: Redemption) => {
    if (code !== null) return codes.has(folded(code));
    return cart_attribute !== null && cart.attributes?.[cart_attribute.key] === cart_attribute.value;
  };
  const usable = redemptions.filter(({code, cart_attribute}) => code !== null || cart_attribute !== null);
  return {applied: usable.filter(here), waiting: usable.filter((each) => !here(each))};
}

export function sameCode(one: string, other: string): boolean {
  return folded(one) === folded(other);
}

/** Codes that differ in case alone are one code to Shopify. */
function folded(code: string): string {
  return code.trim().toLowerCase();
}
