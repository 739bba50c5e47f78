import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupError } from './error.js';

const OWN_VERSION = [24, 0];
const LEAST_VERSION = [22, 18];

/**
 * The Node to run everything with: the one that the repository brings (Linux on x64 and arm64), else the
 * system's if it is new enough. `env` has it first on PATH.
 */
export function chooseNode(root) {
  const bin = join(root, 'node_modules', '.bin');
  const own = join(bin, 'node');
  const path = existsSync(own) && isAtLeast(versionOf(own), OWN_VERSION) ? own : process.execPath;
  if (path !== own && !isAtLeast(process.versions.node, LEAST_VERSION)) {
    throw new SetupError(
      `RiOS needs Node >= ${LEAST_VERSION.join('.')} here: this is ${process.versions.node}, and for ` +
        `${process.platform}-${process.arch} the repository brings none. Install a newer Node and run again.`,
      78,
    );
  }
  return { path, env: { ...process.env, PATH: [bin, process.env.PATH || ''].join(delimiter) } };
}

function versionOf(file) {
  const asked = spawnSync(file, ['-p', 'process.versions.node'], { encoding: 'utf8', timeout: 20000 });
  return asked.status === 0 ? asked.stdout.trim() : '0.0.0';
}

function isAtLeast(version, least) {
  const [major, minor] = version.split('.').map(Number);
  return major > least[0] || (major === least[0] && minor >= least[1]);
}
