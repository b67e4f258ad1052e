import {beforeEach, expect, test} from 'vitest';
import {
  allowed,
  CHECKOUT,
  CUSTOMER_ACCOUNT,
  POS_BLOCK,
  POS_MENU_ITEM,
  POS_MODAL,
  POS_TILE,
  strangers,
} from '../src/components';

const PACKAGE = '../../node_modules/@shopify/ui-extensions/src/surfaces/';
const SOURCES: Readonly<Record<string, string>> = import.meta.glob(
  [
    '../../node_modules/@shopify/ui-extensions/src/surfaces/checkout/shared.ts',
    '../../node_modules/@shopify/ui-extensions/src/surfaces/*/components/**/*Components.ts',
  ],
  {query: '?raw', import: 'default', eager: true, exhaustive: true},
);

// Named by the package, but there is no element of that name.
const WITHOUT_ELEMENT = new Set(['dialog', 'pos-block-row', 'print-preview', 'route', 'router']);

/** The quoted names in a part of one of the package's sources, as elements are named. */
function named(file: string, part = /[^]*/): string[] {
  const found = part.exec(SOURCES[PACKAGE + file] ?? '')?.[0] ?? '';
  const quoted = found.matchAll(/^\s*(?:\||export type \w+ =)?\s*'(\w+)'[,;]?/gm);
  const names = [...quoted].map(([, name = '']) => kebab(name));
  return [...new Set(names)].filter((name) => !WITHOUT_ELEMENT.has(name)).sort();
}

function kebab(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1-$2').replace(/([A-Z])([A-Z][a-z])/g, '$1-$2').toLowerCase();
}

const sorted = (names: readonly string[]) => [...names].sort();
const POS = 'point-of-sale/components/targets';

beforeEach(() => {
  document.body.innerHTML = '';
});

test('the checkout has the components that the package names for it', () => {
  // An announcement has a target of its own.
  const all = named('checkout/shared.ts', /SUPPORTED_COMPONENTS = [^\]]*/);
  const package_ = all.filter((name) => name !== 'announcement');
  expect(package_.length).toBeGreaterThan(50);
  expect(sorted(CHECKOUT)).toEqual(package_);
});

test('the customer account adds its own to them', () => {
  const own = named('customer-account/components/StandardComponents.ts');
  expect(sorted(CUSTOMER_ACCOUNT)).toEqual(sorted([...new Set([...CHECKOUT, ...own])]));
});

test('each kind of target at a till has the components that the package names for it', () => {
  expect(sorted(POS_TILE)).toEqual(named(`${POS}/SmartGridComponents.ts`));
  expect(sorted(POS_MENU_ITEM)).toEqual(named(`${POS}/ActionExtensionComponents.ts`));
  expect(sorted(POS_BLOCK)).toEqual(named(`${POS}/BlockExtensionComponents.ts`));
  expect(sorted([...POS_MODAL, 'tile'])).toEqual(named(`${POS}/StandardComponents.ts`));
});

test('a banner in a block at a till is a stranger, and so is plain HTML', () => {
  document.body.innerHTML = '<s-pos-block><s-banner></s-banner><s-text><b>7</b></s-text></s-pos-block>';
  expect(strangers('pos.customer-details.block.render')).toEqual(['b', 's-banner']);
  expect(strangers('pos.home.modal.render')).toEqual(['b']);
});

test('a target of another kind has no list', () => {
  expect(() => allowed('admin.order-details.block.render')).toThrow('no list');
});
