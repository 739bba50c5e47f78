import { expect } from 'chai';
import { runScript } from '../support/run-script.ts';

describe('the bench of settling', () => {
  it('default: an epoch of 300 payees is closed, built by two processes out of the store, and audits equal', async function () {
    this.timeout(60_000);
    const { code, stdout, stderr } = await runScript('scripts/bench/settle.ts', ['--payees', '300'], {
      env: { DATABASE_URL: '' },
    });

    expect(code, stdout + stderr).to.equal(0);
    expect(JSON.parse(stdout)).to.include({ engine: 'sqlite', payees: 300, receipts: 300, equal: true });
  });
});
