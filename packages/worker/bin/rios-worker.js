#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that an old one gets a sentence and not a syntax error.
import { requireSupportedNode } from '@rios/sdk/bin/supported-node.js';

await requireSupportedNode((error) => process.stdout.write(`${JSON.stringify({ event: 'error', error })}\n`));

// The package's own export: sources under the condition @rios/source, else dist.
const { main } = await import('@rios/worker');
process.exit(await main(process.argv.slice(2), process.env));
