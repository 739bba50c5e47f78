import { join } from 'node:path';
import { runMocha, wasStopped } from './run-mocha.mjs';

/** They measure time or memory against a bar, or stop processes for longer than a lease: nothing runs beside them. */
const ALONE = [
  'test/e2e/deploy-bars.test.ts',
  'test/e2e/kill-orchestrators.test.ts',
  'test/e2e/orchestrator-bars.test.ts',
  'test/e2e/orchestrator-loss.test.ts',
  'test/e2e/servers-away.test.ts',
  'test/e2e/soak-gateway.test.ts',
];
/** Begun first, so that none of them is what all others wait for in the end. */
const LONG = [
  'packages/orchestrator/test/e2e/object-matrix.test.ts',
  'test/e2e/wallet-hostile.test.ts',
  'test/e2e/demo.test.ts',
  'test/e2e/examples.test.ts',
  'test/e2e/kill-billing.test.ts',
];

/**
 * Runs the test files, `count` processes of mocha at a time, each with up to `batchSize` files; those that need the
 * machine for themselves come last, one by one. What a batch prints is printed when it has ended. Returns all runs.
 */
export async function runAtOnce(files, options, { count, batchSize, folder }) {
  const { first, rest, alone } = Object.groupBy(files, (file) => {
    if (ALONE.includes(file)) return 'alone';
    return LONG.includes(file) ? 'first' : 'rest';
  });
  const runs = [];
  let begun = 0;
  const runBatch = async (batch) => {
    const summaryFile = join(folder, `summary-${begun++}.json`);
    const env = { RIOS_TEST_FOLDER: folder };
    const run = await runMocha([...batch, ...options], { summaryFile, env, quiet: true });
    const name = batch.length === 1 ? batch[0] : `${batch[0]} to ${batch.at(-1)}`;
    process.stdout.write(`== ${name}\n${run.output}`);
    runs.push({ name, ...run });
  };
  await inLanes([...batches(first, 1), ...batches(rest, batchSize)], count, runBatch);
  await inLanes(batches(alone, 1), 1, runBatch);
  return runs;
}

function batches(files = [], size) {
  const count = Math.ceil(files.length / size);
  return Array.from({ length: count }, (_, index) => files.slice(index * size, (index + 1) * size));
}

/** Calls `work` for each of `all`, in order, at most `count` at a time. */
async function inLanes(all, count, work) {
  const waiting = [...all];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined && !wasStopped(); next = waiting.shift())
      await work(next);
  };
  await Promise.all(Array.from({ length: count }, lane));
}
