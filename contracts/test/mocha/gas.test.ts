import { readFile, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { openTestChain } from './support/chain.ts';
import { type Gas, measureEscrow, measureRegistry, measureRewards, measureToken } from './support/gas.ts';
import { BARS, readTable, tableOf } from './support/gas-table.ts';

const SNAPSHOT = new URL('../../gas-snapshot.json', import.meta.url);
const README = new URL('../../README.md', import.meta.url);
/** How much more than the snapshot an operation may use. */
const TOLERANCE = 1.02;

/**
 * Gas is exact: the same compiler, settings and inputs give the same figures anywhere. `npm run contracts:gas` writes
 * the snapshot and the table of README.md; without it, both are checked.
 */
describe('gas', function () {
  this.timeout(300_000);
  let gas: Gas;

  before(async () => {
    gas = {
      ...(await measureToken(await openTestChain())),
      ...(await measureRewards(await openTestChain(), 1_000)),
      ...(await measureRewards(await openTestChain(), 20_000)),
      ...(await measureEscrow(await openTestChain())),
      ...(await measureRegistry(await openTestChain())),
    };
    if (process.env.RIOS_GAS_WRITE !== '1') return;
    await writeFile(SNAPSHOT, `${JSON.stringify(gas, null, 2)}\n`);
    const text = await readFile(README, 'utf8');
    await writeFile(README, text.replace(readTable(text), tableOf(gas)));
  });

  for (const { operation, most } of BARS) {
    it(`default: ${operation} uses ${most} gas at most`, () => {
      expect(gas[operation], operation).to.be.a('number').and.to.be.at.most(most);
    });
  }

  it('behaviour: publishing costs the same for 1,000 and 20,000 leaves', () => {
    // the calldata's zero bytes are cheaper, and each figure has its own
    expect(gas['publish, later, 20,000 leaves']).to.be.closeTo(gas['publish, later, 1,000 leaves'], 200);
  });

  it('behaviour: nothing uses 2 % more than the snapshot says', async () => {
    const snapshot = JSON.parse(await readFile(SNAPSHOT, 'utf8')) as Gas;

    expect(Object.keys(gas)).to.deep.equal(Object.keys(snapshot));
    for (const [operation, used] of Object.entries(gas)) {
      expect(used, operation).to.be.at.most(snapshot[operation] * TOLERANCE);
    }
  });

  it('behaviour: the table of the README is what was measured', async () => {
    const snapshot = JSON.parse(await readFile(SNAPSHOT, 'utf8')) as Gas;

    expect(readTable(await readFile(README, 'utf8'))).to.equal(tableOf(snapshot));
  });
});
