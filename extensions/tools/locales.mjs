/**
 * Write each extension's locale files from the sections of shared/texts that it names; `--check` compares instead.
 *
 * A section is a top-level key of those files. What the extension is called comes from the section `names`, as the
 * top-level `name` and `description` that its toml refers to by `t:`.
 */
import {existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {argv} from 'node:process';
import {fileURLToPath} from 'node:url';

export const LANGUAGES = ['en', 'fr', 'de', 'es', 'ja'];
const DEFAULT = 'en';

/** `schema`: the section of a theme's settings, which go to files of their own. */
export const EXTENSIONS = {
  'checkout-rewards': {sections: ['checkout', 'thanks', 'reward', 'refusal']},
  'customer-account': {sections: ['account', 'reward']},
  'pos-customer': {sections: ['pos', 'reward', 'refusal']},
  'pos-history': {sections: ['pos', 'reward', 'refusal']},
  'pos-benefits': {sections: ['pos', 'reward', 'refusal']},
  'pos-redeem': {sections: ['pos', 'reward', 'refusal']},
  'rewards-theme': {sections: ['theme', 'reward', 'refusal'], schema: 'theme_schema'},
};

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const texts = join(root, 'shared', 'texts');

/** The extensions that are there. */
export function present() {
  return Object.keys(EXTENSIONS).filter((name) => existsSync(join(root, name, 'shopify.extension.toml')));
}

/** Every locale file of an extension, by its name, as it has to be. */
export function wanted(extension) {
  const {sections, schema} = EXTENSIONS[extension];
  const files = new Map();
  for (const language of LANGUAGES) {
    const stem = language === DEFAULT ? `${language}.default` : language;
    const own = section('names', language)[extension] ?? {};
    const shown = sections.map((name) => [name, section(name, language)]);
    files.set(`${stem}.json`, written({...own, ...Object.fromEntries(shown)}));
    if (schema !== undefined) files.set(`${stem}.schema.json`, written(section(schema, language)));
  }
  return files;
}

function section(name, language) {
  return JSON.parse(readFileSync(join(texts, name, `${language}.json`), 'utf8'));
}

function written(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** What is not as it has to be, one line each. */
export function stale() {
  return present().flatMap((extension) => {
    const files = wanted(extension);
    const folder = join(root, extension, 'locales');
    const there = existsSync(folder) ? readdirSync(folder) : [];
    const is = (file) => (there.includes(file) ? readFileSync(join(folder, file), 'utf8') : null);
    const other = there.filter((file) => !files.has(file));
    const differs = [...files.keys()].filter((file) => is(file) !== files.get(file));
    return [
      ...other.map((file) => `${extension}/locales/${file} belongs to no language`),
      ...differs.map((file) => `${extension}/locales/${file} is not as shared/texts says`),
    ];
  });
}

function write() {
  for (const extension of present()) {
    const folder = join(root, extension, 'locales');
    mkdirSync(folder, {recursive: true});
    for (const [file, text] of wanted(extension)) writeFileSync(join(folder, file), text);
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  if (argv.includes('--check')) {
    const faults = stale();
    if (faults.length > 0) console.error(`${faults.join('\n')}\nWrite them with: npm run locales`);
    process.exitCode = faults.length === 0 ? 0 : 1;
  } else {
    write();
  }
}
