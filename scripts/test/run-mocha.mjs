import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const bin = (name) => join(ROOT, 'node_modules', '.bin', name);
/** Time that a finished run has to let go of all it opened. */
const LINGER_MS = 20_000;
const POLL_MS = 500;

const running = new Set();
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    stopped = true;
    for (const child of running) end(child, signal);
  });

/** Ends mocha with all that it started: it is the first of its process group. */
function end(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // all of them are gone
  }
}

/** Whether a signal told this run to end. */
export const wasStopped = () => stopped;

/**
 * Runs mocha on `args`; a run that reported but does not end is ended, and that is a failure. Returns {summary, code,
 * lingered, output}: the reporter's summary (undefined when it did not come to its end), and with `quiet` all that it
 * printed.
 */
export async function runMocha(args, { summaryFile, env = {}, coverage = false, quiet = false }) {
  const strict = process.env.CI === 'true' ? ['--forbid-pending'] : [];
  const reporter = ['--reporter', join(ROOT, 'scripts', 'mocha-reporter.cjs')];
  const mocha = [bin('mocha'), ...reporter, ...strict, ...args];
  const command = coverage ? [bin('c8'), process.execPath, ...mocha] : mocha;
  const child = spawn(process.execPath, command, {
    cwd: ROOT,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    detached: true,
    env: { ...setAside(process.env), ...env, RIOS_TEST_SUMMARY: summaryFile },
  });
  running.add(child);
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => chunks.push(chunk));
  const watch = watchForLinger(child, summaryFile);
  try {
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject);
      // not `close`: what a test left running may hold the pipes open
      child.on('exit', (exitCode) => setImmediate(resolve, exitCode ?? 1));
    });
    const summary = readSummary(summaryFile);
    rmSync(summaryFile, { force: true });
    return { summary, code, lingered: watch.lingered, output: Buffer.concat(chunks).toString() };
  } finally {
    running.delete(child);
    clearInterval(watch.timer);
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  }
}

function watchForLinger(child, summaryFile) {
  const watch = { lingered: false };
  let reportedAt;
  watch.timer = setInterval(() => {
    if (reportedAt === undefined && readSummary(summaryFile)) reportedAt = Date.now();
    if (watch.lingered || reportedAt === undefined || Date.now() - reportedAt < LINGER_MS) return;
    watch.lingered = true;
    end(child, 'SIGKILL');
  }, POLL_MS);
  return watch;
}

/**
 * Servers and container engines found in the environment are for the tests that ask for them, as
 * RIOS_TEST_DATABASE_URL and so on; under their own names, every orchestrator and worker that a test starts would use
 * them too.
 */
function setAside(found) {
  const env = { ...found };
  const names = [
    'DATABASE_URL',
    'REDIS_URL',
    'AMQP_URL',
    'RIOS_CONTAINER_HOST',
    'RIOS_CONTAINER_HOST_GVISOR',
  ];
  for (const name of names) {
    if (env[name]) env[`RIOS_TEST_${name.replace(/^RIOS_/, '')}`] = env[name];
    delete env[name];
  }
  return env;
}

function readSummary(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
