// Measures the gas of each operation, and writes contracts/gas-snapshot.json and the table of contracts/README.md.
import { hardhat } from './hardhat.mjs';

const { code } = await hardhat(['test', 'mocha', 'test/mocha/gas.test.ts'], {
  env: { RIOS_GAS_WRITE: '1' },
  deadlineMs: 5 * 60_000,
});
process.exitCode = code;
