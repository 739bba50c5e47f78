#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that an old one gets a sentence and not a syntax error.
import { requireSupportedNode } from '@rios/sdk/bin/supported-node.js';

await requireSupportedNode((error) => {
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error })}\n`);
  else process.stderr.write(`Error: ${error.message}\n  ${error.hint}\n  (${error.code})\n`);
});

if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-v')) {
  const { readFileSync } = await import('node:fs');
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
  process.exit(0);
}

const { main } = await import('../dist/main.js');
await main(new URL('..', import.meta.url));
