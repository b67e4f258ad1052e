/** Run every check of the extensions, one after the other, and print what failed; `check.mjs types build` runs two. */
import {spawn} from 'node:child_process';
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

// The commands of one check do not meet each other.
const AT_ONCE = 2;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !checks.some(([known]) => known === name));
if (unknown.length > 0) {
  console.error(`There is no check ${unknown.join(', ')}: ${checks.map(([name]) => name).join(', ')}.`);
  process.exit(2);
}

let failed = false;
for (const [name, commands] of checks) {
  if (asked.length === 0 || asked.includes(name)) failed = !(await passes(name, commands)) || failed;
}
process.exit(failed ? 1 : 0);

async function passes(name, commands) {
  const begun = Date.now();
  const wrong = [];
  const waiting = [...commands];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const output = await run(next);
      if (output !== null) wrong.push(output);
    }
  };
  await Promise.all(Array.from({length: AT_ONCE}, worker));
  const took = `${((Date.now() - begun) / 1000).toFixed(1)} s`;
  console.log(`extensions: ${name.padEnd(9)} ${wrong.length === 0 ? 'ok' : 'FAILED'}  ${took}`);
  for (const output of wrong) console.log(output.trimEnd());
  return wrong.length === 0;
}

/** What a command said when it failed; null when it did not. */
function run([command, ...args]) {
  const env = {...process.env, CI: '1', NO_COLOR: '1', SHOPIFY_CLI_NO_ANALYTICS: '1'};
  return new Promise((resolve) => {
    const child = spawn(command, args, {cwd: root, env, stdio: ['ignore', 'pipe', 'pipe']});
    let said = `$ ${[command, ...args].join(' ')}\n`;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    child.on('error', (error) => resolve(`${said}${error.message}`));
    child.on('close', (status) => resolve(status === 0 ? null : said));
  });
}
