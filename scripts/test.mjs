// Runs the tests; `N passed, N failed` is the last line.
//
//   npm test                              all but those of real processes
//   npm run test:e2e                      those of real processes: kills, failovers, examples, installed packages
//   npm test -- 'packages/sdk/test/**/*.test.ts'     some files
//   npm test -- -g 'ticket'               by name; any mocha option works
//   npm test -- --coverage                with coverage of packages/*/src
//
// With CI=true a skipped test is a failure.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => join(root, 'node_modules', '.bin', name);
const ALL = ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'];
const E2E = ['test/e2e/**', 'packages/*/test/e2e/**'];
/** Time that a finished run has to let go of all it opened. */
const LINGER_MS = 20_000;
const SLOWEST_FILES = 20;
const POLL_MS = 500;

async function main(args) {
  const folder = mkdtempSync(join(tmpdir(), 'rios-test-'));
  try {
    const summaryFile = join(folder, 'summary.json');
    const { code, lingered } = await run(commandOf(args), summaryFile);
    return report(readSummary(summaryFile), code, lingered);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function commandOf(args) {
  const given = args.filter((arg) => arg !== '--coverage');
  const specs = given.some((arg) => arg.endsWith('.ts'))
    ? []
    : [...ALL, ...E2E.flatMap((glob) => ['--ignore', glob])];
  const strict = process.env.CI === 'true' ? ['--forbid-pending'] : [];
  const mocha = [
    bin('mocha'),
    '--reporter',
    join(root, 'scripts', 'mocha-reporter.cjs'),
    ...strict,
    ...specs,
    ...given,
  ];
  return args.includes('--coverage') ? [bin('c8'), process.execPath, ...mocha] : mocha;
}

/** Runs mocha in its own process group; a run that reported but does not end is ended, and that is a failure. */
function run(command, summaryFile) {
  const env = { ...setServersAside(process.env), RIOS_TEST_SUMMARY: summaryFile };
  const child = spawn(process.execPath, command, { cwd: root, stdio: 'inherit', env });
  let reportedAt;
  let lingered = false;
  const watch = setInterval(() => {
    if (reportedAt === undefined && readSummary(summaryFile)) reportedAt = Date.now();
    if (lingered || reportedAt === undefined || Date.now() - reportedAt < LINGER_MS) return;
    lingered = true;
    child.kill('SIGKILL');
  }, POLL_MS);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(watch);
      resolve({ code: code ?? 1, lingered });
    });
  });
}

/**
 * Servers found in the environment are for the contract suites, as RIOS_TEST_DATABASE_URL and so on; under their own
 * names, every orchestrator that a test starts would use them too.
 */
function setServersAside(found) {
  const env = { ...found };
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'AMQP_URL']) {
    if (env[name]) env[`RIOS_TEST_${name}`] = env[name];
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

function report(summary, code, lingered) {
  if (summary === undefined) {
    console.log('the tests did not run to their end\n0 passed, 1 failed');
    return code || 1;
  }
  for (const { title, ms } of summary.slowest.filter((test) => test.ms >= 1000))
    console.log(`${ms} ms  ${title}`);
  for (const { name, ms } of summary.files.slice(0, SLOWEST_FILES)) console.log(`${ms} ms  ${name}`);
  for (const title of summary.pending) console.log(`skipped: ${title}`);
  if (lingered) console.log('a test left something open: the run did not end by itself');
  const failed = summary.failures + (lingered ? 1 : 0);
  const broken = failed === 0 && code !== 0;
  if (broken) console.log(`mocha left with exit code ${code}`);
  console.log(`${summary.passes} passed, ${failed + (broken ? 1 : 0)} failed`);
  return failed + code > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
