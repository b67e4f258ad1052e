// @vitest-environment node
/// <reference types="vite/client" />
import {describe, expect, test} from 'vitest';
import {EXTENSIONS, LANGUAGES, present, stale, wanted} from '../../tools/locales.mjs';
import readme from '../../../README.md?raw';
import openapi from '../openapi.json';
import {CODES, NAMED} from '../src/refusals';

type Tree = {readonly [name: string]: string | Tree};

const FILES = import.meta.glob<Tree>('../texts/*/*.json', {eager: true, import: 'default'});
const SOURCES = import.meta.glob<string>(['../../*/src/**/*.{ts,tsx}', '../../rewards-theme/{blocks,snippets}/*.liquid'], {
  eager: true,
  query: '?raw',
  import: 'default',
});
const SECTIONS = [...new Set(Object.keys(FILES).map((path) => path.split('/').at(-2) ?? ''))].sort();

/** Every string in a source that begins as a key of some section does: quoted, or as a template with a part filled in. */
const KEY = new RegExp(`['"\`]((?:${SECTIONS.join('|')})\\.[\\w.]*)(\\$\\{|['"\`])`, 'g');
const mentioned: readonly Mention[] = Object.entries(SOURCES).flatMap(([path, source]) =>
  [...source.matchAll(KEY)].map(([, exact = '', end = '']) => ({path, exact, prefix: end === '${' ? exact : `${exact}.`})),
);

// Texts that no source names, each with what names it.
const NAMED_ELSEWHERE = [
  /^refusal\./, // refusals.ts writes its keys: by code, which the first test looks after
  /^theme_schema\./, // a block's schema writes `t:`, without the section: the tests of the theme look after it
];
// Codes of what a client of ours never sends, or of what nobody at a cart could act on: these are told as `other`.
const NOT_TOLD = new Set([
  'arrived_too_slowly',
  'headers_too_large',
  'idempotency_key_missing',
  'internal',
  'invalid_request',
  'not_found',
  'too_large',
  'url_too_long',
]);

function texts(section: string, language: string): Map<string, string> {
  return flat(FILES[`../texts/${section}/${language}.json`] ?? {}, section);
}

function flat(tree: Tree, under: string): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([name, each]) => {
      const key = under === '' ? name : `${under}.${name}`;
      return typeof each === 'string' ? [[key, each] as const] : [...flat(each, key)];
    }),
  );
}

const FORMS = new Set(['zero', 'one', 'two', 'few', 'many', 'other']);

/** Plural forms are one text: its key, and which forms it has. */
function keysOf(of: Map<string, string>): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  for (const key of of.keys()) {
    const form = key.split('.').at(-1) ?? '';
    const stem = FORMS.has(form) && of.has(key.replace(/[^.]+$/, 'other')) && isPlural(of, key) ? key.slice(0, -form.length - 1) : key;
    keys.set(stem, [...(keys.get(stem) ?? []), ...(stem === key ? [] : [form])]);
  }
  return keys;
}

/** `other` alone may be a text's own name; beside a count it is a form. */
function isPlural(of: Map<string, string>, key: string): boolean {
  return (of.get(key.replace(/[^.]+$/, 'other')) ?? '').includes('{{count}}');
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, name = '']) => name).sort();
}

describe.each(SECTIONS.flatMap((section) => LANGUAGES.map((language) => [section, language] as const)))('%s in %s', (section, language) => {
  const english = texts(section, 'en');
  const own = texts(section, language);

  test('has every text that English has, and no other', () => {
    expect([...keysOf(own).keys()].sort()).toEqual([...keysOf(english).keys()].sort());
  });

  test('has the plural forms of its language', () => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories.filter((form) => form !== 'many').sort();
    for (const [key, has] of keysOf(own)) if (has.length > 0) expect([key, has.sort()]).toEqual([key, forms]);
  });

  test('has the same placeholders in every form', () => {
    for (const [key, text] of own) {
      const stem = keysOf(own).has(key) ? key : key.replace(/[^.]+$/, 'other');
      expect([key, placeholders(text)]).toEqual([key, placeholders(english.get(stem) ?? '')]);
    }
  });

  test('has no text that is empty, untidy or has half a placeholder', () => {
    for (const [key, text] of own) {
      expect([key, text.trim(), text.length > 0]).toEqual([key, text, true]);
      expect([key, text.replace(/\{\{\w+\}\}/g, '').match(/[{}]/)]).toEqual([key, null]);
    }
  });
});

describe('refusals', () => {
  test('there is a text for every code, and one for those that nobody knows yet', () => {
    expect([...texts('refusal', 'en').keys()].sort()).toEqual([...CODES, 'other'].map((code) => `refusal.${code}`).sort());
  });

  test('every code that the contract names is told, or argued not to be', () => {
    const told = JSON.stringify([openapi.paths, openapi.components.schemas.VerdictOut]);
    const codes = new Set([...told.matchAll(/`([a-z_]+)`: /g)].map(([, code = '']) => code));
    expect(codes.size).toBeGreaterThan(30);
    expect([...codes].filter((code) => !CODES.includes(code)).sort()).toEqual([...NOT_TOLD].sort());
  });

  test('what a text names is known to be needed for it', () => {
    const named = [...texts('refusal', 'en')].map(([key, text]) => [key.replace('refusal.', ''), placeholders(text)] as const);
    expect(new Map(named.filter(([, names]) => names.length > 0))).toEqual(new Map([...NAMED].map(([code, names]) => [code, [...names]])));
  });

  test('a text names only what the proxy tells beside that code', () => {
    const table = new Map([...readme.matchAll(/^\| `([a-z_]+)` \| .*? \| (.*?) \|$/gm)].map(([, code = '', told = '']) => [code, told]));
    for (const [code, names] of NAMED) {
      for (const name of names) expect([code, name, table.get(code)]).toEqual([code, name, expect.stringContaining(`\`${name}\``)]);
    }
  });
});

describe('extensions', () => {
  test('their locale files are what shared/texts says', () => {
    expect(stale()).toEqual([]);
  });

  test('every section is shown by somebody', () => {
    expect(SECTIONS.filter((section) => section !== 'names' && shownBy(section).length === 0)).toEqual([]);
  });

  test.each(present())('%s has every text that its sources name', (extension: string) => {
    const there = [...flat(JSON.parse(wanted(extension).get('en.default.json') ?? '{}') as Tree, '').keys()];
    const own = mentioned.filter(({path}) => foldersOf(extension).some((folder) => path.startsWith(`../../${folder}/`)));
    const missing = own.filter((mention) => !there.some((key) => means(mention, key)));
    expect(missing.map(({path, exact}) => `${path}: ${exact}`)).toEqual([]);
  });

  test('every text is named by some source', () => {
    const here = new Set(present());
    // A section that an extension shows which is not here yet may be named by that one.
    const whole = (section: string) => shownBy(section).every((name) => here.has(name));
    const all = SECTIONS.filter((section) => section !== 'names' && whole(section)).flatMap((section) => [...keysOf(texts(section, 'en')).keys()]);
    const unused = all.filter((key) => !mentioned.some((mention) => means(mention, key)));
    expect(unused.filter((key) => !NAMED_ELSEWHERE.some((pattern) => pattern.test(key)))).toEqual([]);
  });
});

/** Where the code of an extension lies: what tills share, and a theme's script, are folders of their own. */
function foldersOf(extension: string): string[] {
  if (extension.startsWith('pos-')) return [extension, 'pos-shared'];
  return extension === 'rewards-theme' ? [extension, 'theme-src'] : [extension];
}

function shownBy(section: string): string[] {
  const shows = Object.entries<{sections: string[]; schema?: string}>(EXTENSIONS);
  return shows.filter(([, {sections, schema}]) => sections.includes(section) || schema === section).map(([name]) => name);
}

function means({exact, prefix}: Mention, key: string): boolean {
  return key === exact || key.startsWith(prefix);
}

interface Mention {
  readonly path: string;
  readonly exact: string;
  /** What every key begins with that this may mean: a group, or the part before what is filled in. */
  readonly prefix: string;
}

