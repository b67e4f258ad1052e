/** Run every check of the extensions, one after the other, and print what failed; `check.mjs types build` runs two. */
import {spawnSync} from 'node:child_process';
import {existsSync, readdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const ours = (name, ...more) => [process.execPath, join(root, 'tools', name), ...more];

const programs = readdirSync(root, {withFileTypes: true})
  .filter((each) => each.isDirectory() && existsSync(join(root, each.name, 'tsconfig.json')))
  .map((each) => each.name)
  .sort();

const checks = [
  ['texts', [ours('locales.mjs', '--check')]],
  ['contract', [ours('contract.mjs', '--check')]],
  ['types', programs.map((name) => [bin('tsc'), '-p', name])],
  ['tests', [[bin('vitest'), 'run', '--reporter=dot']]],
  ['theme', [ours('theme.mjs', '--check'), ours('theme-check.mjs')]],
  ['build', [ours('build.mjs')]],
  ['bundles', [ours('bundles.mjs')]],
  ['preview', [[process.execPath, join(root, 'preview', 'build.mjs')]]],
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !checks.some(([known]) => known === name));
if (unknown.length > 0) {
  console.error(`There is no check ${unknown.join(', ')}: ${checks.map(([name]) => name).join(', ')}.`);
  process.exit(2);
}

const failed = checks
  .filter(([name]) => asked.length === 0 || asked.includes(name))
  .filter(([name, commands]) => !passes(name, commands));
process.exit(failed.length === 0 ? 0 : 1);

function passes(name, commands) {
  const begun = Date.now();
  const wrong = commands.map((command) => run(command)).filter((output) => output !== null);
  const took = `${((Date.now() - begun) / 1000).toFixed(1)} s`;
  console.log(`extensions: ${name.padEnd(9)} ${wrong.length === 0 ? 'ok' : 'FAILED'}  ${took}`);
  for (const output of wrong) console.log(output.trimEnd());
  return wrong.length === 0;
}

/** What a command said when it failed; null when it did not. */
function run([command, ...args]) {
  const env = {...process.env, CI: '1', NO_COLOR: '1', SHOPIFY_CLI_NO_ANALYTICS: '1'};
  const done = spawnSync(command, args, {cwd: root, env, encoding: 'utf8', maxBuffer: 64 << 20});
  if (done.status === 0) return null;
  return `$ ${[command, ...args].join(' ')}\n${done.stdout ?? ''}${done.stderr ?? ''}${done.error ?? ''}`;
}
