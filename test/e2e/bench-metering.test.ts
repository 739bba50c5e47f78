import { expect } from 'chai';
import { estimate } from '../bench/estimate.ts';
import { runScript } from '../support/run-script.ts';

describe('the bench of metering', () => {
  for (const shape of ['replica', 'island']) {
    it(`default: ${shape}: both kinds of answers are timed, and the metered ones are signed for`, async function () {
      this.timeout(120_000);
      const { stdout, stderr } = await runScript('scripts/bench/metering.ts', [
        '--rig',
        '--shape',
        shape,
        '--tokens',
        '8',
        '--seconds',
        '1',
      ]);

      // whether it is cheap is for a quiet machine to say
      const result = JSON.parse(stdout);
      expect(result, stderr).to.include({ shape, receipts: shape === 'island' ? 2 : 1 });
      expect(result.cpuMsPerToken).to.be.greaterThan(0);
      expect(result.errorShare).to.be.greaterThan(0);
      expect(result.share).to.be.within(-1, 1);
    });
  }
});

describe('estimate', () => {
  it('default: a few values that are far off change little', () => {
    const values = Array.from({ length: 100 }, (_, index) => 10 + (index % 5));
    const disturbed = [...values.slice(0, 90), ...Array.from({ length: 10 }, () => 1_000)];

    expect(estimate(values).mean).to.be.closeTo(12, 0.01);
    expect(estimate(disturbed).mean).to.be.closeTo(12.2, 0.3);
    expect(estimate(disturbed).error).to.be.within(0.1, 1);
  });

  it('behaviour: the error shrinks with the root of the count, and few values say nothing', () => {
    const of = (count: number) => estimate(Array.from({ length: count }, (_, index) => index % 10)).error;

    expect(of(100) / of(400)).to.be.closeTo(2, 0.05);
    expect(of(4)).to.equal(Number.POSITIVE_INFINITY);
  });
});
