import { expect } from 'chai';
import { runScript } from '../support/run-script.ts';

describe('the bench of epochs', () => {
  it('default: an epoch of 300 payees is built, written, checked in another process, and equal', async function () {
    this.timeout(60_000);
    const { code, stdout, stderr } = await runScript('scripts/bench/epoch.ts', [
      '--payees',
      '300',
      '--receipts',
      '2',
    ]);

    expect(code, stdout + stderr).to.equal(0);
    const result = JSON.parse(stdout);
    expect(result).to.include({ payees: 300, receipts: 600, equal: true });
    expect(result.buildSeconds).to.be.below(5);
  });
});
