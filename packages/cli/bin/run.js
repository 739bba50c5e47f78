#!/usr/bin/env node
// Plain old JavaScript on purpose: it must start on any Node to say what is missing.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  const own = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
  if (process.env.RIOS_REEXEC === undefined && existsSync(own)) {
    const child = spawnSync(own, process.argv.slice(1), {
      stdio: 'inherit',
      env: Object.assign({}, process.env, { RIOS_REEXEC: '1' }),
    });
    if (child.signal) process.kill(process.pid, child.signal);
    process.exit(child.status === null ? 1 : child.status);
  }
  process.stderr.write(
    `rios needs Node >= 22.18; this is ${process.version}.\nInstall a newer Node: https://nodejs.org\n`,
  );
  process.exit(78);
}
delete process.env.RIOS_REEXEC;

if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-v')) {
  const { readFileSync } = await import('node:fs');
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
  process.exit(0);
}

const { main } = await import('../dist/main.js');
await main(new URL('..', import.meta.url));
