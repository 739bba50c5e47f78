// Plants bugs into copies of the contracts, one at a time: the tests must notice each. A bug that no test notices, a
// change that no longer fits the source, does not compile or runs out of time is a failure. `--only <words>` plants
// those whose description has the words.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conclude, hardhat, ROOT } from './hardhat.mjs';
import { MUTANTS } from './mutants-list.mjs';

const MINUTE = 60_000;
const AT_ONCE = 2;
/** Little fuzz, and code that is not optimized: a bug is one in either, and that compiles twice as fast. */
const ENV = { RIOS_FUZZ: 'quick', RIOS_SOLC: 'plain' };
const UNIT_TESTS = {
  DepositEscrow: ['deposit-escrow', 'deposit-escrow-sessions', 'deposit-escrow-hostile'],
  RosRewards: ['ros-rewards'],
  RosToken: ['ros-token'],
  WorkerRegistry: ['worker-registry', 'worker-registry-slash'],
};

const only = process.argv.includes('--only') ? process.argv.at(-1) : '';
const waiting = MUTANTS.filter(({ bug }) => bug.includes(only));
const scratch = mkdtempSync(join(tmpdir(), 'rios-mutants-'));
let passed = 0;
let failed = 0;
try {
  const base = join(scratch, 'base');
  copyProject(join(ROOT, 'contracts'), base, ['hardhat.config.ts', 'package.json', 'src', 'test']);
  const folder = join(base, 'contracts');
  for (const args of [
    ['build'],
    ['test', 'mocha', ...unitTests(Object.keys(UNIT_TESTS))],
    ['test', 'solidity'],
  ]) {
    const result = await hardhat(args, { cwd: folder, env: ENV, deadlineMs: 5 * MINUTE, quiet: true });
    if (result.code !== 0) throw new Error(`${args[0]} fails without any bug:\n${result.output}`);
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => work(base, i)));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
conclude(passed, failed);

/** Takes one bug after the other. */
async function work(base, lane) {
  for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
    const started = Date.now();
    const folder = join(scratch, `lane-${lane}`);
    const trouble = await survived(base, folder, one).catch((error) => String(error));
    rmSync(folder, { recursive: true, force: true });
    if (trouble === undefined) passed++;
    else failed++;
    const seconds = ((Date.now() - started) / 1000).toFixed(0);
    const outcome = trouble === undefined ? 'killed' : 'SURVIVED';
    console.log(`${outcome} by ${one.by} tests in ${seconds} s: ${one.contract}: ${one.bug}`);
    if (trouble !== undefined) console.log(trouble);
  }
}

/** Undefined where a test failed because of the bug; else why that cannot be said. */
async function survived(base, folder, { contract, by, from, to }) {
  const cwd = join(folder, 'contracts');
  copyProject(join(base, 'contracts'), folder, ['.']);
  const file = join(cwd, 'src', `${contract}.sol`);
  const source = readFileSync(file, 'utf8');
  if (source.split(from).length !== 2) return `not once in ${contract}.sol: ${from}`;
  writeFileSync(file, source.replace(from, to));
  rmSync(join(cwd, 'test', by === 'fuzz' ? 'mocha' : 'solidity'), { recursive: true });
  const args =
    by === 'fuzz'
      ? ['test', 'solidity', `test/solidity/${contract}.t.sol`]
      : ['test', 'mocha', ...unitTests([contract])];
  const result = await hardhat(args, { cwd, env: ENV, deadlineMs: 2 * MINUTE, quiet: true });
  if (result.failed > 0) return undefined;
  return result.code === 0 ? 'every test passed' : result.output.slice(-2000);
}

function unitTests(contracts) {
  return contracts.flatMap((name) => UNIT_TESTS[name]).map((name) => `test/mocha/${name}.test.ts`);
}

/** A folder with these parts of the contracts, that finds the packages where the true ones do. */
function copyProject(from, folder, parts) {
  mkdirSync(join(folder, 'contracts'), { recursive: true });
  for (const part of parts) cpSync(join(from, part), join(folder, 'contracts', part), { recursive: true });
  for (const name of ['node_modules', 'packages']) symlinkSync(join(ROOT, name), join(folder, name));
}
