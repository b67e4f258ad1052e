import {describe, expect, test} from 'vitest';
import {renderBlock, schemaOf, themeFiles, type Storefront} from '../../tools/render-block.mjs';

type Tree = {readonly [name: string]: Tree | string};

const BLOCKS = ['reward-balance', 'reward-embed'];
const LANGUAGES = ['en', 'fr', 'de', 'es', 'ja'];
const EACH = BLOCKS.flatMap((block) => LANGUAGES.map((language) => [block, language] as const));

function page(block: string, storefront: Storefront): HTMLElement {
  const place = document.createElement('div');
  place.innerHTML = renderBlock(block, storefront);
  return place;
}

function texts(place: HTMLElement): Record<string, string> {
  return JSON.parse(place.querySelector('script[data-texts]')?.textContent ?? 'null') as Record<string, string>;
}

describe.each(EACH)('%s in %s', (block, language) => {
  test('has every text, and no sign of one that is missing', () => {
    for (const storefront of [{}, {customer: true}, {design: true}]) {
      const html = renderBlock(block, {language, ...storefront});
      expect(html).not.toContain('ranslation missing');
      expect(html).not.toContain('{{');
    }
    for (const [key, text] of Object.entries(texts(page(block, {language, customer: true})))) {
      expect(text.trim(), key).not.toBe('');
    }
  });

  test('leaves to the script every value that a text has', () => {
    const file = language === 'en' ? 'en.default.json' : `${language}.json`;
    const locale = JSON.parse(themeFiles().get(`locales/${file}`) ?? '{}') as Tree;
    for (const [key, text] of Object.entries(texts(page(block, {language, customer: true})))) {
      const [section = '', ...rest] = key.split('.');
      const written = rest.reduce<Tree | string | undefined>(
        (at, name) => (typeof at === 'object' ? at[name] : undefined),
        locale[section],
      );
      expect(text.replace(/\{(\w+)\}/g, '{{$1}}'), key).toBe(written);
    }
  });

  test('says one sentence to a guest, with a way to sign in, and brings nothing for the script', () => {
    const place = page(block, {language});
    expect(place.querySelectorAll('a')).toHaveLength(1);
    expect(place.querySelector('a')?.getAttribute('href')).toBe('/account/login');
    for (const name of ['rewards-balance', 'script', 'button', 'input']) expect(place.querySelector(name)).toBeNull();
  });

  test('says without JavaScript what is missing', () => {
    const place = page(block, {language, customer: true});
    expect(place.querySelector('noscript')?.textContent).toContain('JavaScript');
  });

  test('shows a sample in the theme editor, whoever is signed in', () => {
    for (const customer of [true, false]) {
      const place = page(block, {language, design: true, customer});
      expect(place.querySelector('rewards-balance')).toBeNull();
      expect(place.textContent).toMatch(/25([.,]00)?/);
      expect(place.querySelectorAll('input:not([disabled]), button:not([disabled])')).toHaveLength(0);
    }
  });
});

describe.each(BLOCKS)('%s', (block) => {
  test('has no form, and nothing that a form around it would send', () => {
    const place = page(block, {customer: true});
    expect(place.querySelector('form, [name], [type="submit"]')).toBeNull();
    for (const button of place.querySelectorAll('button')) expect(button.type).toBe('button');
  });

  test('has no id that a second one on the page would have too', () => {
    expect(page(block, {customer: true}).querySelector('[id]')).toBeNull();
  });

  test('announces what happened, and is named', () => {
    const place = page(block, {customer: true});
    expect(place.querySelector('[role="status"]')?.getAttribute('aria-live')).toBe('polite');
    expect(place.querySelector('[role="group"]')?.getAttribute('aria-label')).toBe('Rewards');
    expect(place.querySelector('label')?.querySelector('input')).not.toBeNull();
  });

  test('writes a merchant’s heading as text', () => {
    const heading = '<img src=x> "Club" & more';
    const place = page(block, {customer: true, settings: {heading}});
    expect(place.querySelector('img')).toBeNull();
    expect(place.querySelector('.rewards__heading')?.textContent).toBe(heading);
    expect(place.querySelector('[role="group"]')?.getAttribute('aria-label')).toBe(heading);
  });

  test('says nothing of who the customer is', () => {
    expect(renderBlock(block, {customer: true})).not.toContain('1001');
  });

  test('asks for the token where the merchant says', () => {
    const token = (settings: Record<string, string>) =>
      page(block, {customer: true, settings}).querySelector('rewards-balance')?.getAttribute('data-token');
    expect(token({})).toBe('/apps/rewards/token');
    expect(token({token_path: '/apps/club/token'})).toBe('/apps/club/token');
  });
});

test('one is placed in sections, the other in the body', () => {
  expect(BLOCKS.map((block) => schemaOf(block).target)).toEqual(['section', 'body']);
});
