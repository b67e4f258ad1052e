/**
 * Build the preview: one script for each target of each extension, from its real sources, and one for each page.
 *
 * Only the address of the proxy is another one than in a release: the pages say where it is.
 */
import {cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

import {build} from 'esbuild';

import {extensions} from '../tools/extensions.mjs';
import {renderBlock} from '../tools/render-block.mjs';
import {scripts} from '../tools/theme.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const scripted = extensions().filter(({type}) => type === 'ui_extension');
const parts = scripted.flatMap(({name, folder, toml}) => targetsOf(toml).map((each) => ({name, folder, ...each})));
const pages = readdirSync(join(here, 'src', 'pages')).filter((file) => file !== 'shell.ts');

rmSync(dist, {recursive: true, force: true});
mkdirSync(dist, {recursive: true});
cpSync(join(here, 'static'), dist, {recursive: true});
write('targets.json', JSON.stringify(parts.map(({name, target}) => ({extension: name, target}))));

/** Another module in the place of shared/src/config.ts. */
const proxyFrom = (module) => ({
  name: 'proxy-of-the-demo',
  setup(on) {
    on.onResolve({filter: /\/config$/}, ({path, resolveDir}) =>
      join(resolveDir, path).endsWith(join('shared', 'src', 'config')) ? {path: join(here, 'src', module)} : null,
    );
  },
});
const common = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  loader: {'.css': 'text'},
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [proxyFrom('proxy_address.ts')],
};

for (const part of parts) {
  const path = join('frames', part.name, part.target);
  await build({
    ...common,
    stdin: {contents: entry(part), resolveDir: here, loader: 'ts'},
    outfile: join(dist, `${path}.js`),
  });
  write(`${path}.html`, html(part.target, '/preview/frame.css', `/preview/${path}.js`));
}
for (const page of pages) {
  const name = basename(page, '.ts');
  await build({...common, entryPoints: [join(here, 'src', 'pages', page)], outfile: join(dist, `${name}.js`)});
  write(`${name}.html`, html(name, '/preview/page.css', `/preview/${name}.js`));
}

for (const [name, text] of await scripts({plugins: [proxyFrom('proxy_of_page.ts')]})) write(join('theme', name), text);
cpSync(join(here, '..', 'rewards-theme', 'assets', 'rewards.css'), join(dist, 'theme', 'rewards.css'));
for (const language of ['en', 'fr', 'de', 'es', 'ja']) {
  for (const customer of [true, false]) {
    write(join('storefront', `${language}.${customer ? 'customer' : 'guest'}.html`), storefront(language, customer));
  }
}

/** A theme's cart page with both blocks, rendered as the storefront would. */
function storefront(language, customer) {
  const block = (name, id) => renderBlock(name, {language, customer, id, assets: '/preview/theme'});
  const values = {language, block: block('reward-balance', 'block'), embed: block('reward-embed', 'embed')};
  const page = readFileSync(join(here, 'cart.template.html'), 'utf8');
  return page.replace(/\{\{ (\w+) \}\}/g, (_, name) => values[name]);
}

function entry({name, folder, target, module}) {
  const locales = join(folder, 'locales');
  const words = readdirSync(locales)
    .filter((file) => !file.endsWith('.schema.json'))
    .map((file) => [file.split('.')[0], JSON.parse(readFileSync(join(locales, file), 'utf8'))]);
  return `import {begin} from './src/frame';
await begin({
  extension: ${JSON.stringify(name)},
  target: ${JSON.stringify(target)},
  words: ${JSON.stringify(Object.fromEntries(words))},
  load: () => import(${JSON.stringify(join(folder, module))}),
});`;
}

/** Module and target of each `[[extensions.targeting]]`; the files are ours and plain. */
function targetsOf(toml) {
  return toml
    .split('[[extensions.targeting]]')
    .slice(1)
    .map((text) => ({module: /module = "([^"]+)"/.exec(text)[1], target: /target = "([^"]+)"/.exec(text)[1]}));
}

function html(title, style, script) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${style}">
<script type="module" src="${script}"></script>
</head>
<body></body>
</html>
`;
}

function write(path, text) {
  mkdirSync(dirname(join(dist, path)), {recursive: true});
  writeFileSync(join(dist, path), text);
}
