import { expect } from 'chai';
import { MAX_GROWTH_BYTES } from '../../scripts/soak/verdict.ts';
import { lastJson } from '../support/rios.ts';
import { runScript } from '../support/run-script.ts';

describe('the soak of the gateway on real processes', () => {
  it('default: a small one of 20 s', async () => {
    const args = ['--minutes', '0.34', '--listeners', '40', '--streams', '10', '--tokens', '8'];
    const { code, stdout, stderr } = await runScript('scripts/soak/gateway.ts', args, { timeoutMs: 150_000 });
    const report = lastJson<{
      ok: boolean;
      listeners: object;
      streams: { completed: number };
      rss: { growthBytes: number };
    }>(stdout);

    expect(code, stderr.slice(-1000)).to.equal(0);
    expect(report).to.include({ ok: true });
    expect(report.listeners).to.include({ asked: 40, open: 40, incomplete: 0 });
    expect(report.streams.completed).to.be.at.least(10);
    expect(report.rss.growthBytes).to.be.below(MAX_GROWTH_BYTES);
    expect(stderr).to.contain('40 of 40 listeners');
  }).timeout(180_000);
});
