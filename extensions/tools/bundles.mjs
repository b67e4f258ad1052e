/**
 * Look at what would be released: no bundle is large, holds what the worker lacks, a plain address or a secret, and
 * each talks to the address that the app has. Shopify's CLI checks none of it.
 */
import {existsSync, readFileSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {brotliCompressSync} from 'node:zlib';

import {extensions, root, value} from './extensions.mjs';

// Our own budget; Shopify's limit is 64 KB, for all targets of an extension together.
const BUDGET_BYTES = 20_000;
const FORBIDDEN = [
  ['process.env: there is no process in the worker', /process\.env/],
  ['an address without TLS', /http:\/\/(?!www\.w3\.org\/)/],
  ['a Shopify token or secret', /shp(?:at|ss|ca|pa|ua|rt)_[0-9a-f]{8}/i],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['a JSON web token', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\./],
  ['a setting of the proxy', /PROXY_(?:SHOPIFY|OMNEO|TRANSIENT|DATABASE)_/],
];

const app = readFileSync(join(root, 'shopify.app.toml'), 'utf8');
const wrong = [...addresses(), ...extensions().flatMap(faultsOf)];
if (wrong.length > 0) {
  console.error(wrong.join('\n'));
  process.exit(1);
}

function faultsOf({name, folder, type, bundle}) {
  const files = type === 'theme' ? ['assets', 'blocks', 'snippets'].flatMap((part) => listed(folder, part)) : [bundle];
  if (type !== 'theme' && !existsSync(join(folder, bundle))) return [`${name} is not built`];
  const faults = files.flatMap((file) => forbidden(`${name}/${file}`, readFileSync(join(folder, file), 'utf8')));
  const scripts = files.filter((file) => file.endsWith('.js')).map((file) => readFileSync(join(folder, file)));
  const bytes = scripts.reduce((sum, script) => sum + brotliCompressSync(script).length, 0);
  if (process.argv.includes('--sizes')) console.log(`${name.padEnd(18)} ${bytes} bytes compressed`);
  return bytes <= BUDGET_BYTES
    ? faults
    : [...faults, `${name}: ${bytes} bytes compressed, ${BUDGET_BYTES} are allowed`];
}

function forbidden(file, text) {
  return FORBIDDEN.filter(([, pattern]) => pattern.test(text)).map(([what]) => `${file} has ${what}`);
}

/** The one address of the proxy is in the code and in the app's settings, and only there. */
function addresses() {
  const url = value(app, 'application_url');
  const code = /PROXY_URL = '([^']+)'/.exec(readFileSync(join(root, 'shared', 'src', 'config.ts'), 'utf8'))?.[1];
  const faults = code === url ? [] : [`shared/src/config.ts says ${code}, shopify.app.toml says ${url}`];
  if (!url?.startsWith('https://') || url.endsWith('/'))
    faults.push(`application_url has to be https:// without a last slash: ${url}`);
  return faults;
}

function listed(folder, part) {
  try {
    return readdirSync(join(folder, part)).map((file) => `${part}/${file}`);
  } catch {
    return [];
  }
}
