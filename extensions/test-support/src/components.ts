/** Which elements a target may render: the platform refuses others, and the compiler does not see it. */

const ANYWHERE_BUT_POS = [
  'abbreviation', 'badge', 'banner', 'box', 'button', 'chat', 'checkbox', 'chip', 'choice', 'choice-list', 'clickable',
  'clickable-chip', 'clipboard-item', 'consent-checkbox', 'consent-phone-field', 'date-field', 'date-picker', 'details',
  'divider', 'drop-zone', 'email-field', 'form', 'grid', 'grid-item', 'heading', 'icon', 'image', 'link', 'list-item',
  'map', 'map-marker', 'modal', 'money-field', 'number-field', 'option', 'ordered-list', 'paragraph', 'password-field',
  'payment-icon', 'phone-field', 'popover', 'press-button', 'product-thumbnail', 'progress', 'query-container',
  'qr-code', 'scroll-box', 'section', 'select', 'sheet', 'skeleton-paragraph', 'spinner', 'stack', 'summary', 'switch',
  'text', 'text-area', 'text-field', 'time', 'tooltip', 'unordered-list', 'url-field',
] as const;

export const CHECKOUT: readonly string[] = ANYWHERE_BUT_POS;

/** Shopify's thank-you blocks take what the checkout takes. */
export const THANK_YOU: readonly string[] = ANYWHERE_BUT_POS;

export const CUSTOMER_ACCOUNT: readonly string[] = [
  ...ANYWHERE_BUT_POS, 'avatar', 'button-group', 'customer-account-action', 'image-group', 'menu', 'page',
];

export const POS_TILE: readonly string[] = ['tile'];

export const POS_MENU_ITEM: readonly string[] = ['button'];

export const POS_BLOCK: readonly string[] = [
  'badge', 'box', 'button', 'date-picker', 'date-spinner', 'heading', 'icon', 'image', 'modal', 'pos-block', 'section',
  'stack', 'text', 'time-picker',
];

export const POS_MODAL: readonly string[] = [
  'badge', 'banner', 'box', 'button', 'choice', 'choice-list', 'clickable', 'date-field', 'date-picker', 'date-spinner',
  'divider', 'email-field', 'embed', 'empty-state', 'heading', 'icon', 'image', 'link', 'modal', 'number-field', 'page',
  'pos-block', 'scroll-box', 'search-field', 'section', 'spinner', 'stack', 'switch', 'tab', 'tab-list', 'tab-panel',
  'tabs', 'text', 'text-area', 'text-field', 'time-field', 'time-picker',
];

const BY_TARGET: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^purchase\.checkout\./, CHECKOUT],
  [/^purchase\.thank-you\./, THANK_YOU],
  [/^customer-account\./, CUSTOMER_ACCOUNT],
  [/^pos\..*\.tile\.render$/, POS_TILE],
  [/^pos\..*\.menu-item\.render$/, POS_MENU_ITEM],
  [/^pos\..*\.block\.render$/, POS_BLOCK],
  [/^pos\..*\.(modal|action)\.render$/, POS_MODAL],
];

export function allowed(target: string): ReadonlySet<string> {
  const found = BY_TARGET.find(([pattern]) => pattern.test(target));
  if (found === undefined) throw new Error(`no list of components for ${target}`);
  return new Set(found[1].map((name) => `s-${name}`));
}

/** The elements of a rendered tree that the target does not have; empty is right. Plain HTML is never right. */
export function strangers(target: string, root: Element = document.body): string[] {
  const known = allowed(target);
  const rendered = [...root.querySelectorAll('*')].map((each) => each.localName);
  return [...new Set(rendered.filter((name) => !known.has(name)))].sort();
}
