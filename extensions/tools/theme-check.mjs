/** Run Shopify's Theme Check on the theme extension; any offence fails. Needs no network. */
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {check} from '@shopify/theme-check-node';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', 'rewards-theme');
const offences = await check(root, 'theme-check:theme-app-extension');
for (const {uri, check: name, message, start} of offences) {
  console.error(`${uri.replace(/.*rewards-theme\//, '')}:${start.line + 1} ${name}: ${message}`);
}
console.log(`Theme Check: ${offences.length} offences`);
process.exitCode = offences.length === 0 ? 0 : 1;
