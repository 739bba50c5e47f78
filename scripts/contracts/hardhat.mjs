// Runs hardhat on the contracts, or on a copy of them, and counts what it says.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const CONTRACTS = join(ROOT, 'contracts');
const HARDHAT = join(ROOT, 'node_modules', '.bin', 'hardhat');

/**
 * Runs hardhat; what it prints is shown as it comes, unless `quiet`.
 * @returns its exit code (124 = ended after `deadlineMs`), what it printed, and how many tests passed and failed
 */
export function hardhat(args, { cwd = CONTRACTS, env = {}, deadlineMs, quiet = false }) {
  const child = spawn(process.execPath, [HARDHAT, ...args], {
    cwd,
    env: { ...process.env, HARDHAT_DISABLE_TELEMETRY: '1', NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (!quiet) process.stdout.write(text);
    });
  }
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, deadlineMs);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      const count = (word) => Number(output.match(new RegExp(`^\\s*(\\d+) ${word}`, 'm'))?.[1] ?? 0);
      const counts = { passed: count('passing'), failed: count('failing') };
      resolve({ code: late ? 124 : (code ?? 1), output, ...counts });
    });
  });
}

/** Prints the last line of a check and sets the exit code. A check that ran nothing has failed. */
export function conclude(passed, failed) {
  const wrong = passed + failed === 0 ? 1 : failed;
  console.log(`${passed} passed, ${wrong} failed`);
  process.exitCode = wrong === 0 ? 0 : 1;
}
