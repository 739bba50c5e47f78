import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './error.js';

const NETWORK =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|network|socket hang up/i;
const KEPT_CHARS = 16 * 1024;

/** Runs `npm ci` unless node_modules already is what package-lock.json says. */
export async function installMissing(root) {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const stamp = join(root, 'node_modules', '.rios-setup');
  const hash = createHash('sha256').update(lock).digest('hex');
  if (readIfThere(stamp) === hash) return;
  if (!isInstalled(root, JSON.parse(lock))) {
    process.stderr.write('installing dependencies (first run, or they changed)\n');
    await npmCi(root);
  }
  writeFileSync(stamp, hash);
}

/**
 * True when npm itself finished an install of exactly this lock. npm writes its own record last, so an
 * interrupted install has none.
 */
function isInstalled(root, lock) {
  const record = readIfThere(join(root, 'node_modules', '.package-lock.json'));
  if (record === undefined) return false;
  const installed = parseOrNothing(record).packages || {};
  return Object.entries(lock.packages).every(([at, wanted]) => {
    if (at.indexOf('node_modules/') < 0) return true;
    const found = installed[at];
    if (found === undefined) return Boolean(wanted.optional || wanted.devOptional || wanted.peer);
    return found.version === wanted.version && existsSync(join(root, at));
  });
}

function npmCi(root) {
  const cli = process.env.npm_execpath;
  const args = ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  const command = cli && /\.c?js$/.test(cli) ? process.execPath : 'npm';
  const child = spawn(command, command === 'npm' ? args : [cli].concat(args), {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => child.kill('SIGTERM');
  process.once('exit', stop);
  process.once('SIGTERM', () => process.exit(143));
  const ticker = setInterval(() => process.stderr.write('.'), 2000);
  let tail = '';
  const keep = (chunk) => {
    tail = (tail + chunk).slice(-KEPT_CHARS);
    process.stderr.write(chunk);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new SetupError(`npm could not be started: ${error.message}`, 1)));
    child.on('close', (code) => (code === 0 ? resolve() : reject(npmFailed(code, tail))));
  }).finally(() => {
    clearInterval(ticker);
    process.removeListener('exit', stop);
    process.removeAllListeners('SIGTERM');
  });
}

function npmFailed(code, tail) {
  if (/Missing: .* from lock file|EUSAGE/.test(tail))
    return new SetupError('package-lock.json does not fit package.json: run node scripts/fill-lock.mjs.', 1);
  if (/ENOSPC/.test(tail)) return new SetupError('The disk is full: the dependencies need about 1 GB.', 8);
  if (NETWORK.test(tail))
    return new SetupError(
      'The npm registry cannot be reached. Check the network (or npm config get registry), run again.',
      11,
    );
  return new SetupError(
    `npm ci failed (exit code ${code}). Its messages are above; run again when corrected.`,
    1,
  );
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parseOrNothing(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
