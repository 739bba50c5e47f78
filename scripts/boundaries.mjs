// Checks who may import whom (docs/architecture.md); prints each violation and exits with 1 when there is one.
//
//   npm run boundaries
import { fileURLToPath } from 'node:url';
import { checkRules } from './boundaries/rules.mjs';
import { readSources } from './boundaries/sources.mjs';

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
const sources = readSources(root);
const violations = checkRules(sources);
for (const { file, rule, message } of violations) console.log(`${file}: ${message} [${rule}]`);
console.log(`${sources.files.length} files, ${violations.length} violations`);
process.exitCode = violations.length === 0 ? 0 : 1;
