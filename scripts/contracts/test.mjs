// Builds the contracts, checks that sdk has what they give, and runs all of their tests: unit tests and gas bars in
// mocha, fuzz (10,000 runs) and invariants (256 runs of 64 calls) in Solidity. `--quick` runs less of the last two.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { conclude, hardhat, ROOT } from './hardhat.mjs';

const MINUTE = 60_000;
const env = process.argv.includes('--quick') ? { RIOS_FUZZ: 'quick' } : {};

let passed = 0;
let failed = 0;

const built = await hardhat(['build'], { deadlineMs: 5 * MINUTE });
if (built.code === 0) {
  const fresh = spawnSync(process.execPath, [join(ROOT, 'scripts/contracts/sdk.mjs'), '--check'], {
    stdio: 'inherit',
  });
  count(fresh.status === 0, 'sdk has what the contracts give');
  for (const runner of ['mocha', 'solidity']) {
    const result = await hardhat(['test', runner], { env, deadlineMs: 15 * MINUTE });
    passed += result.passed;
    failed += result.failed;
    if (result.code !== 0 && result.failed === 0)
      count(false, `${runner} ends with exit code ${result.code}`);
  }
} else {
  count(false, 'the contracts compile');
}
conclude(passed, failed);

function count(isFine, what) {
  console.log(`${isFine ? 'ok' : 'FAILED'}: ${what}`);
  if (isFine) passed++;
  else failed++;
}
