import { createRequire } from 'node:module';
import hardhatEthers from '@nomicfoundation/hardhat-ethers';
import hardhatMocha from '@nomicfoundation/hardhat-mocha';
import { defineConfig } from 'hardhat/config';

/** The WebAssembly compiler of the npm package: nothing is downloaded. */
const soljson = createRequire(import.meta.url).resolve('solc/soljson.js');

/** Only for copies with a planted bug: compiles faster, and costs more gas. */
const plain = process.env.RIOS_SOLC === 'plain';
const quick = process.env.RIOS_FUZZ === 'quick';

export default defineConfig({
  plugins: [hardhatMocha, hardhatEthers],
  solidity: {
    version: '0.8.37',
    path: soljson,
    settings: {
      evmVersion: 'cancun',
      optimizer: { enabled: !plain, runs: 10_000 },
    },
  },
  paths: {
    sources: ['./src', './test/doubles'],
    tests: { mocha: './test/mocha', solidity: './test/solidity' },
  },
  coverage: { skipFiles: ['test/doubles/**'] },
  test: {
    solidity: {
      fuzz: { runs: quick ? 256 : 10_000, seed: '0x105' },
      invariant: { runs: quick ? 64 : 256, depth: 64, failOnRevert: false },
    },
  },
  networks: { default: { type: 'edr-simulated', chainType: 'l1', chainId: 31337, hardfork: 'cancun' } },
});
