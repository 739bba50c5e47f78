// Plain JavaScript that any Node can read. The three programs begin with it: on a Node that is too old it hands
// over to the one that the repository, or the place RiOS was installed to, brings along.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const EXIT_UNSUPPORTED = 78;
/** Set in what was handed over, so that a second old Node ends it. */
const MARK = 'RIOS_NODE_HANDED_OVER';

const [major, minor] = process.versions.node.split('.').map(Number);
const isSupported = major > 22 || (major === 22 && minor >= 18);

/**
 * Resolves at once on a supported Node, else never: this process then only stands for the one it handed over to,
 * and ends as that one does. Without such a Node, `report` is told the error and the exit code is 78.
 */
export async function requireSupportedNode(report) {
  if (isSupported) {
    delete process.env[MARK];
    return;
  }
  const node = process.env[MARK] === '1' ? undefined : findNode();
  if (node === undefined) {
    report({
      code: 'RUNTIME_NODE_UNSUPPORTED',
      message: `RiOS needs Node >= 22.18; this is ${process.versions.node}`,
      hint: 'Install a newer Node: https://nodejs.org',
      retryable: false,
    });
    process.exit(EXIT_UNSUPPORTED);
  }
  await handOver(node);
}

/** The nearest node_modules/.bin/node, from this file upwards. */
function findNode() {
  for (let at = new URL('.', import.meta.url); ; at = new URL('..', at)) {
    const node = fileURLToPath(new URL('node_modules/.bin/node', at));
    if (existsSync(node)) return node;
    if (at.pathname === new URL('..', at).pathname) return undefined;
  }
}

function handOver(node) {
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, [MARK]: '1' },
  });
  const pass = (signal) => child.kill(signal);
  process.on('SIGTERM', pass);
  process.on('SIGHUP', pass);
  // a terminal sends Ctrl-C to the child too, and a second one would mean: at once
  process.on('SIGINT', process.stdin.isTTY ? () => {} : pass);
  return new Promise((_, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (signal === null) process.exit(code);
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    });
  });
}
