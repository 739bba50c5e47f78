#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that an old one gets a sentence and not a syntax error.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  const error = {
    code: 'RUNTIME_NODE_UNSUPPORTED',
    message: `rios-worker needs Node >= 22.18; this is ${process.versions.node}`,
    hint: 'Install Node >= 22.18.',
    retryable: false,
  };
  process.stdout.write(`${JSON.stringify({ event: 'error', error })}\n`);
  process.exit(78);
}
// The package's own export: sources under the condition @rios/source, else dist.
const { main } = await import('@rios/worker');
process.exit(await main(process.argv.slice(2), process.env));
