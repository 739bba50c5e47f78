// Every line and every statement of contracts/src must be run by a unit test. Gas is left out: code that counts what
// it runs uses more. Details: contracts/coverage/html.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CONTRACTS, conclude, hardhat } from './hardhat.mjs';

const MINUTE = 60_000;
/** These have no code of their own to run. */
const WITHOUT_CODE = new Set(['RosTimelock.sol']);

const tests = readdirSync(join(CONTRACTS, 'test', 'mocha'))
  .filter((name) => name.endsWith('.test.ts') && name !== 'gas.test.ts')
  .map((name) => join('test', 'mocha', name));
const { code, output } = await hardhat(['test', 'mocha', ...tests, '--coverage'], { deadlineMs: 5 * MINUTE });

const rows = new Map(
  [...output.matchAll(/src\/(\S+\.sol)\s*│\s*([\d.]+)\s*│\s*([\d.]+)/g)].map(
    ([, file, lines, statements]) => [file, Number(lines) === 100 && Number(statements) === 100],
  ),
);
const sources = readdirSync(join(CONTRACTS, 'src')).filter(
  (name) => name.endsWith('.sol') && !WITHOUT_CODE.has(name),
);
let failed = code === 0 ? 0 : 1;
for (const source of sources) {
  if (rows.get(source)) continue;
  failed++;
  console.log(`${source} has lines or statements that no unit test runs`);
}
conclude(sources.length - Math.min(failed, sources.length), failed);
