/**
 * Render a block of the theme extension as a storefront would: for tests and for the preview.
 *
 * The Liquid and the texts are the real ones. What Shopify adds to Liquid is stood in for here, as far as the blocks
 * use it: the objects, the filters `t`, `asset_url` and `money`, the tags `schema` and `doc`.
 */
import {readFileSync, readdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {Liquid} from 'liquidjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', 'rewards-theme');
const SCHEMA = /\{%-?\s*schema\s*-?%\}([\s\S]*?)\{%-?\s*endschema\s*-?%\}/;

/** The block's schema, as the theme editor reads it. */
export function schemaOf(block) {
  return JSON.parse(SCHEMA.exec(source(block))[1]);
}

/**
 * Gives the HTML of `reward-balance` or `reward-embed`. `customer` true: somebody is signed in; `design`: in the theme
 * editor; `assets`: where the assets are; `settings`: what the merchant set, over the defaults.
 */
export function renderBlock(block, {language = 'en', country = 'AU', customer = false, design = false, ...more} = {}) {
  const {settings = {}, assets = '/assets', id = 'block-1', currency = 'AUD'} = more;
  const defaults = schemaOf(block).settings.map((setting) => [setting.id, setting.default ?? '']);
  const scope = {
    customer: customer ? {id: 1001} : null,
    request: {design_mode: design, locale: {iso_code: language}},
    localization: {country: {iso_code: country}},
    routes: {account_login_url: '/account/login', root_url: '/'},
    block: {id, shopify_attributes: '', settings: {...Object.fromEntries(defaults), ...settings}},
  };
  return engine(language, country, currency, assets).parseAndRenderSync(source(block), scope, {globals: scope});
}

/** Every file of the extension, by its path in it. */
export function themeFiles() {
  const paths = readdirSync(root, {recursive: true, withFileTypes: true}).filter((each) => each.isFile());
  const files = paths.map((each) => join(each.parentPath, each.name));
  return new Map(files.map((file) => [file.slice(root.length + 1), readFileSync(file, 'utf8')]));
}

function source(block) {
  return readFileSync(join(root, 'blocks', `${block}.liquid`), 'utf8');
}

function engine(language, country, currency, assets) {
  const liquid = new Liquid({root: [join(root, 'snippets')], extname: '.liquid', strictFilters: true});
  for (const name of ['schema', 'doc']) liquid.registerTag(name, silent(name));
  const texts = [locale(`${language}.json`), locale('en.default.json')];
  liquid.registerFilter('t', (key, ...values) => translated(texts, key, Object.fromEntries(values), language));
  liquid.registerFilter('asset_url', (file) => `${assets}/${file}`);
  liquid.registerFilter('money', (hundredths) =>
    new Intl.NumberFormat(`${language}-${country}`, {style: 'currency', currency}).format(hundredths / 100),
  );
  return liquid;
}

function silent(name) {
  return {
    parse(_, remaining) {
      const ends = (token) => token.name === `end${name}`;
      while (remaining.length > 0 && !ends(remaining.shift()));
    },
    render: () => '',
  };
}

function locale(file) {
  try {
    return JSON.parse(readFileSync(join(root, 'locales', file), 'utf8'));
  } catch {
    return {};
  }
}

/** What has no text says so, as a storefront does. */
function translated(texts, key, values, language) {
  const path = key.split('.');
  const found = texts.map((each) => path.reduce((at, name) => at?.[name], each)).find((each) => each !== undefined);
  if (typeof found !== 'string') return `Translation missing: ${language}.${key}`;
  return found.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name) => String(values[name] ?? ''));
}
