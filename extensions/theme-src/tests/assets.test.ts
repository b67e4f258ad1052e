// @vitest-environment node
/// <reference types="vite/client" />
import settings from '@shopify/theme-check-docs-updater/data/setting.json';
import {describe, expect, test} from 'vitest';
import {CODES} from '../../shared/src/refusals';
import {renderBlock, schemaOf, themeFiles} from '../../tools/render-block.mjs';

const BLOCKS = ['reward-balance', 'reward-embed'];
/** Theme Check lets a type pass that there is not; Shopify's own list, which it brings, does not. */
const SETTING_TYPES: readonly string[] = settings.properties.type.enum;

const FILES = themeFiles();
const SOURCES = import.meta.glob<string>('../src/*.ts', {query: '?raw', import: 'default', eager: true});

/** Said at tills, or about claims and wallets: no block meets them. */
const ELSEWHERE = new Set(
  (
    'above_staff_maximum approval_invalid approval_own approval_pending approval_required ' +
    'device_required no_permission not_claimable ' +
    'not_editable reason_required staff_limit_reached wallet'
  ).split(' '),
);

function read(path: string): string {
  return FILES.get(path) ?? '';
}

describe.each(BLOCKS)('the schema of %s', (block) => {
  const schema = schemaOf(block);

  test('has settings of types that there are, each once', () => {
    for (const {type} of schema.settings) expect(SETTING_TYPES).toContain(type);
    expect(new Set(schema.settings.map(({id}) => id)).size).toBe(schema.settings.length);
  });

  test('names texts that are there in every language', () => {
    const named = [...JSON.stringify(schema).matchAll(/"t:([\w.]+)"/g)].map(([, key]) => key ?? '');
    expect(named.length).toBeGreaterThan(3);
    const files = [...FILES].filter(([path]) => path.endsWith('.schema.json'));
    expect(files).toHaveLength(5);
    for (const [path, text] of files) {
      for (const key of named) expect(at(JSON.parse(text), key), `${path} ${key}`).toBeTypeOf('string');
    }
  });

  test('brings scripts and styles that are there', () => {
    for (const asset of [schema.javascript, schema.stylesheet]) expect(read(`assets/${asset}`)).not.toBe('');
  });
});

test('every text of the settings is named by some setting', () => {
  const schemas = BLOCKS.map((block) => JSON.stringify(schemaOf(block))).join();
  const named = new Set([...schemas.matchAll(/"t:([\w.]+)"/g)].map(([, key]) => key));
  const keys = [...flat(JSON.parse(read('locales/en.default.schema.json')) as object)];
  expect([...named].sort()).toEqual(keys.sort());
});

test('the extension holds what Shopify allows, and nothing else', () => {
  const folders = new Set([...FILES.keys()].map((path) => path.split('/')[0]));
  expect([...folders].sort()).toEqual(['assets', 'blocks', 'locales', 'shopify.extension.toml', 'snippets']);
});

test('the script that every page loads is within what Shopify allows', () => {
  expect(new TextEncoder().encode(read('assets/rewards.js')).length).toBeLessThanOrEqual(10_000);
});

test('a shopper has a text for all that the scripts may say', () => {
  const keys = new Set(Object.keys(JSON.parse(/data-texts>([^<]*)</.exec(customerPage())?.[1] ?? '{}') as object));
  const sources = Object.values(SOURCES).join();
  const named = [...sources.matchAll(/'((?:theme|reward|refusal)\.[\w.]+\w)'/g)];
  const stages = ['quoting', 'holding', 'applying', 'verifying', 'releasing'].map((stage) => `reward.at.${stage}`);
  const because = ['host_refused', 'nothing_came_off', 'removed', 'used'].map((why) => `reward.released.${why}`);
  const effects = ['amount', 'percentage', 'free_product', 'free_shipping', 'code', 'record'];
  const given = effects.map((kind) => `reward.effect.${kind}`);
  const reasons = ['unmapped', 'other_surface', 'no_code', 'no_price', 'in_use', 'unavailable'];
  const why = reasons.map((reason) => `reward.reason.${reason}`);
  const offers = ['again', 'take_over'].map((offer) => `reward.${offer}`);
  const codes = CODES.filter((code) => !ELSEWHERE.has(code)).map((code) => `refusal.${code}`);
  const wanted = [...named.map(([, key]) => key), ...stages, ...because, ...given, ...why, ...offers, ...codes];
  expect([...keys].sort()).toEqual([...new Set(wanted)].sort());
});

test('motion is only for those who like it, and what is hidden stays hidden in every theme', () => {
  const styles = read('assets/rewards.css');
  expect(styles).toContain('prefers-reduced-motion: reduce');
  expect(styles).toMatch(/\[hidden\] \{\s*display: none !important/);
  expect(styles).toMatch(/min-height/);
});

function customerPage(): string {
  return renderBlock('reward-balance', {customer: true});
}

function at(value: unknown, key: string): unknown {
  return key.split('.').reduce((found, name) => (found as Record<string, unknown> | undefined)?.[name], value);
}

function flat(tree: object, under = ''): string[] {
  return Object.entries(tree).flatMap(([name, each]: [string, unknown]) =>
    typeof each === 'object' && each !== null ? flat(each, `${under}${name}.`) : [`${under}${name}`],
  );
}
