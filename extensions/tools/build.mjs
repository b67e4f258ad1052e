/**
 * Build every extension as for a release, with Shopify's own CLI. It needs neither login nor network.
 *
 * The CLI writes each `shopify.d.ts` anew; one that was not as it writes it makes this fail, once.
 */
import {spawnSync} from 'node:child_process';
import {existsSync, readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';

import {extensions, root} from './extensions.mjs';

const scripted = extensions().filter(({type}) => type === 'ui_extension');
const types = () => scripted.map(({folder}) => read(join(folder, 'shopify.d.ts')));

for (const {folder} of scripted) rmSync(join(folder, 'dist'), {recursive: true, force: true});
const before = types();
const cli = join(root, 'node_modules', '@shopify', 'cli', 'bin', 'run.js');
const built = spawnSync(process.execPath, [cli, 'app', 'build', '--no-color', '--path', root], {
  env: {...process.env, CI: '1', SHOPIFY_CLI_NO_ANALYTICS: '1'},
  encoding: 'utf8',
});
if (built.status !== 0) fail(`${built.stdout}${built.stderr}`);

const missing = scripted.filter(({folder, bundle}) => !existsSync(join(folder, bundle)));
if (missing.length > 0) fail(`Not built: ${missing.map(({name}) => name).join(', ')}. Is it in extension_directories?`);
const after = types();
const stale = scripted.filter((_, index) => before[index] !== after[index]);
if (stale.length > 0) fail(`shopify.d.ts has changed, please commit it: ${stale.map(({name}) => name).join(', ')}`);

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

function fail(why) {
  console.error(why);
  process.exit(1);
}
