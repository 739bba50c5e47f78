// Makes a checkout ready: installs what is missing, builds what changed, then runs a script under Node 24.
// Plain JavaScript for the system's Node >= 20: nothing here may need a package.
//
//   node scripts/setup.js [--no-build] [--then <script> [arguments]]
//
// Progress goes to stderr, so that stdout holds only what the script prints.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './setup/build.js';
import { SetupError } from './setup/error.js';
import { installMissing } from './setup/install.js';
import { withLock } from './setup/lock.js';
import { chooseNode } from './setup/node.js';

const root = fileURLToPath(new URL('..', import.meta.url));

async function main(args) {
  const then = args.indexOf('--then');
  const options = then < 0 ? args : args.slice(0, then);
  const command = then < 0 ? [] : args.slice(then + 1);
  const node = await withLock(join(root, '.rios', 'setup.lock'), async () => {
    await installMissing(root);
    const chosen = chooseNode(root);
    if (options.indexOf('--no-build') < 0) await build(root, chosen);
    return chosen;
  });
  if (command.length === 0) return 0;
  return run(node, command);
}

/** Runs the script with the repository's Node first on PATH; passes signals on, returns its exit code. */
function run(node, command) {
  const child = spawn(node.path, command, { cwd: root, stdio: 'inherit', env: node.env });
  const pass = (signal) => child.kill(signal);
  process.on('SIGTERM', pass);
  process.on('SIGHUP', pass);
  // a terminal sends ctrl-c to the child too: only outlive it
  process.on('SIGINT', () => {});
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code === null ? signalExit(signal) : code));
  });
}

const signalExit = (signal) => ({ SIGINT: 130, SIGTERM: 143, SIGKILL: 137 })[signal] || 1;

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`\n${error instanceof SetupError ? error.message : error.stack}\n`);
    process.exit(error instanceof SetupError ? error.exitCode : 1);
  },
);
