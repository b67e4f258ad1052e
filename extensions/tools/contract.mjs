/**
 * Write what the proxy says of itself to shared/openapi.json, and the client's types from it to shared/src/contract.ts.
 *
 * `--check` compares the types alone and needs no Python; tests/web/test_contract.py holds that the document is the
 * proxy's.
 */
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {argv} from 'node:process';
import {fileURLToPath, pathToFileURL} from 'node:url';
import openapiTS, {astToString, COMMENT_HEADER} from 'openapi-typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const document = join(root, 'shared', 'openapi.json');
const types = join(root, 'shared', 'src', 'contract.ts');

if (argv.includes('--check')) {
  if (readFileSync(types, 'utf8') !== (await generated())) {
    console.error('shared/src/contract.ts is not what shared/openapi.json says. Write it with: npm run contract');
    process.exitCode = 1;
  }
} else {
  const repository = join(root, '..');
  const python = join(repository, '.venv', 'bin', 'python');
  writeFileSync(document, execFileSync(python, ['-m', 'proxy', 'openapi'], {cwd: repository}));
  writeFileSync(types, await generated());
}

async function generated() {
  // A field with a default may be left out of a request.
  return COMMENT_HEADER + astToString(await openapiTS(pathToFileURL(document), {defaultNonNullable: false}));
}
