#!/usr/bin/env node
// Plain JavaScript that any Node can read: it finds a Node that is new enough, then starts the real thing.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const UNSUPPORTED_RUNTIME = 78;
const [major, minor] = process.versions.node.split('.').map(Number);
const isSupported = major > 22 || (major === 22 && minor >= 18);

if (isSupported) await start();
else forward(findNode());

async function start() {
  // An orchestrator makes little garbage: young space that stays small saves 20 MB at rest.
  setFlagsFromString('--semi-space-growth-factor=1');
  const flags = [...process.execArgv, process.env.NODE_OPTIONS ?? ''];
  const fromSource = flags.some((flag) => flag.includes('@rios/source'));
  const { main } = await import(fromSource ? '../src/main.ts' : '../dist/main.js');
  process.exitCode = await main(process.argv.slice(2), process.env);
  process.exit();
}

/** The Node that the repository, or the place this was installed to, brings along. */
function findNode() {
  for (let up = new URL('..', import.meta.url); ; up = new URL('..', up)) {
    const node = fileURLToPath(new URL('node_modules/.bin/node', up));
    if (existsSync(node)) return node;
    if (up.pathname === new URL('..', up).pathname) return undefined;
  }
}

function forward(node) {
  if (node === undefined || process.env.RIOS_NODE_FORWARDED === '1') {
    const error = {
      code: 'RUNTIME_NODE_UNSUPPORTED',
      message: `Node ${process.versions.node} is too old`,
      hint: 'Install Node >= 22.18.',
      retryable: false,
    };
    process.stdout.write(`${JSON.stringify({ event: 'error', error })}\n`);
    process.exit(UNSUPPORTED_RUNTIME);
  }
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const env = { ...process.env, RIOS_NODE_FORWARDED: '1' };
  const child = spawn(node, args, { stdio: 'inherit', env });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 1));
}
