/** Which extensions there are: the folders that Shopify's CLI takes for one. */
import {existsSync, readFileSync, readdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const TOML = 'shopify.extension.toml';

/** Every extension as {name, folder, type, toml, bundle}, by its folder's name; the theme has no bundle. */
export function extensions() {
  return readdirSync(root)
    .filter((name) => existsSync(join(root, name, TOML)))
    .sort()
    .map((name) => {
      const toml = readFileSync(join(root, name, TOML), 'utf8');
      const handle = value(toml, 'handle');
      return {
        name,
        folder: join(root, name),
        type: value(toml, 'type'),
        toml,
        bundle: handle && join('dist', `${handle}.js`),
      };
    });
}

/** The first string with this key in a TOML file; the files are ours and plain. */
export function value(toml, key) {
  return new RegExp(`^\\s*${key}\\s*=\\s*"([^"]*)"`, 'm').exec(toml)?.[1] ?? null;
}
