// Compiles the contracts and writes their interfaces and code into sdk.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { hardhat, ROOT } from './hardhat.mjs';

const { code } = await hardhat(['build'], { deadlineMs: 5 * 60_000 });
process.exitCode =
  code || spawnSync(process.execPath, [join(ROOT, 'scripts/contracts/sdk.mjs')], { stdio: 'inherit' }).status;
