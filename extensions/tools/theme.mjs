/** Bundle the theme's scripts from theme-src into rewards-theme/assets; `--check` compares instead. */
import {readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {argv} from 'node:process';
import {fileURLToPath} from 'node:url';
import {brotliCompressSync} from 'node:zlib';
import {build} from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** The blocks' script is a classic one; what it loads is a module. */
export const SCRIPTS = {rewards: 'iife', redeem: 'esm'};

/** What a signed-in customer loads, on its way; the limit that Shopify advises for a theme's script. */
const MOST_COMPRESSED = 10_000;

/** Each script's text, by its file name; `options` go to esbuild, as another address of the proxy. */
export async function scripts(options = {}) {
  const built = Object.entries(SCRIPTS).map(async ([name, format]) => {
    const {outputFiles} = await build({
      entryPoints: [join(root, 'theme-src', 'src', `${name}.ts`)],
      bundle: true,
      minify: true,
      format,
      // Private names are written as they are from here on: the browsers of 2021 and later.
      target: 'es2022',
      legalComments: 'none',
      write: false,
      logLevel: 'error',
      ...options,
    });
    return [`${name}.js`, outputFiles[0].text];
  });
  return new Map(await Promise.all(built));
}

function asset(name) {
  return join(root, 'rewards-theme', 'assets', name);
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const check = argv.includes('--check');
  const built = await scripts();
  const compressed = [...built.values()].reduce((sum, text) => sum + brotliCompressSync(text).length, 0);
  if (compressed > MOST_COMPRESSED) {
    console.error(`The theme's scripts are ${compressed} bytes compressed, ${MOST_COMPRESSED} are allowed.`);
    process.exitCode = 1;
  }
  for (const [name, text] of built) {
    if (!check) writeFileSync(asset(name), text);
    else if (readFileSync(asset(name), 'utf8') !== text) {
      console.error(`rewards-theme/assets/${name} is not what theme-src gives. Write it with: node tools/theme.mjs`);
      process.exitCode = 1;
    }
  }
}
