/** What of the storefront's page is used. It is passed in, so that nothing else reaches for globals. */
import type {Storage as Kept} from '../../shared/src/keys';

/** Shopify's standard storefront action; the list of codes replaces every code on the cart. */
export interface Actions {
  updateCart?: (change: {discountCodes: string[]}) => Promise<{userErrors?: readonly unknown[]}>;
}

export interface Page {
  /** The locale's root, such as `/` or `/fr/`. */
  readonly root: string;
  readonly locale: string;
  /** Read at each use: Shopify adds them only after the page was parsed. */
  readonly actions: () => Actions | undefined;
  readonly fetch: typeof fetch;
  readonly storage: () => Storage;
  readonly reload: () => void;
}

interface ShopifyGlobal {
  readonly routes?: {readonly root?: string};
  readonly actions?: Actions;
}

/** Reads the page; `language` and `country` are what Liquid says. */
export function thisPage(language: string, country: string): Page {
  const shopify = (): ShopifyGlobal | undefined => (window as {Shopify?: ShopifyGlobal}).Shopify;
  return {
    root: shopify()?.routes?.root ?? '/',
    locale: regional(language, country),
    actions: () => shopify()?.actions,
    fetch: (...request) => fetch(...request),
    storage: () => sessionStorage,
    reload: () => location.reload(),
  };
}

/** A currency is written as the country does it: "$" in Australia is "A$" elsewhere. */
function regional(language: string, country: string): string {
  try {
    return new Intl.Locale(language, {region: country}).toString();
  } catch {
    return 'en';
  }
}

/** The tab's own storage: a reload finds it, another visitor does not. */
export function inTab(page: Page): Kept {
  return {
    read: async (name) => JSON.parse(page.storage().getItem(name) ?? 'null') as unknown,
    write: async (name, value) => page.storage().setItem(name, JSON.stringify(value)),
    delete: async (name) => page.storage().removeItem(name),
  };
}
