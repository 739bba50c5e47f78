// Runs the tests; `N passed, N failed` is the last line.
//
//   npm test                              all but those of real processes
//   npm run test:e2e                      those of real processes: kills, failovers, examples, installed packages
//   npm test -- 'packages/sdk/test/**/*.test.ts'     some files
//   npm test -- -g 'ticket'               by name; any mocha option works
//   npm test -- --coverage                with coverage of packages/*/src
//   npm test -- --apart '<glob>'          each file in a process of its own
//
// All files, and those of --apart, run in several processes at a time, as many as the machine has cores but two at
// most: timing is part of some tests. Their output comes when a process has ended. Some files run in one process, so
// that their output comes at once. With CI=true a skipped test is a failure.
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAtOnce } from './test/at-once.mjs';
import { report } from './test/report.mjs';
import { ROOT, runMocha } from './test/run-mocha.mjs';

const E2E = ['test/e2e/**/*.test.ts', 'packages/*/test/e2e/**/*.test.ts'];
const ALL = ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'];
const MOST_AT_ONCE = 2;
/** Files of a process: enough to share what they load, few enough for the processes to end together. */
const BATCH = 20;

async function main(args) {
  const folder = mkdtempSync(join(tmpdir(), 'rios-test-'));
  try {
    return report(await run(args, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(args, folder) {
  const globs = args.filter((arg) => arg.endsWith('.ts'));
  const options = args.filter((arg) => !arg.endsWith('.ts') && !['--coverage', '--apart'].includes(arg));
  const count = Math.min(MOST_AT_ONCE, availableParallelism());
  if (args.includes('--apart')) return runAtOnce(list(globs), options, { count, batchSize: 1, folder });
  const coverage = args.includes('--coverage');
  const all = globs.length === 0 ? list(ALL, E2E) : globs;
  if (globs.length > 0 || coverage)
    return [await runMocha([...all, ...options], { summaryFile: join(folder, 'summary.json'), coverage })];
  return runAtOnce(all, options, { count, batchSize: BATCH, folder });
}

/** Backwards: the top folder's tests take longest and so are begun first. */
function list(globs, exclude = []) {
  const found = globSync(globs, { cwd: ROOT, exclude });
  return [...new Set(found)].sort().reverse();
}

process.exitCode = await main(process.argv.slice(2));
