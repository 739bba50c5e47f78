import { expect } from 'chai';
import { fitLine } from '../../scripts/soak/linear-fit.ts';
import { judge, type LoadResult } from '../../scripts/soak/verdict.ts';

const MIB = 1024 * 1024;

/** A load that went well, its memory by minute. */
const aResult = (over: Partial<LoadResult> = {}, bytesAt = (_minute: number) => 150 * MIB): LoadResult => ({
  seconds: 600,
  listeners: { asked: 2, open: 2, events: 5, incomplete: 0 },
  streams: { asked: 2, completed: 9, tokens: 90, different: 0 },
  errors: { count: 0, first: [] },
  rss: Array.from({ length: 600 }, (_, second) => ({ atMs: second * 1000, value: bytesAt(second / 60) })),
  ...over,
});

describe('the soak of the gateway', () => {
  it('behaviour: the line through samples is the one of least squares', () => {
    const noisy = [1, 3, 2, 4].map((value, index) => ({ atMs: index, value }));

    expect(fitLine(noisy).slope).to.be.closeTo(0.8, 1e-9);
    expect(fitLine(noisy).offset).to.be.closeTo(1.3, 1e-9);
    expect(fitLine([])).to.deep.equal({ slope: 0, offset: 0 });
  });

  it('default: flat memory and no error is ok, whatever the beginning was like', () => {
    const { ok, rss } = judge(aResult({}, (minute) => (minute < 1.9 ? 50 * MIB * minute : 150 * MIB)));

    expect(ok).to.equal(true);
    expect(rss.growthBytes).to.equal(0);
  });

  for (const [name, result] of [
    ['memory that grows', aResult({}, (minute) => (150 + 4 * minute) * MIB)],
    ['an error', aResult({ errors: { count: 1, first: ['stream: reset'] } })],
    ['a listener that was cut off', aResult({ listeners: { asked: 2, open: 1, events: 5, incomplete: 0 } })],
    [
      'a listener that missed an event',
      aResult({ listeners: { asked: 2, open: 2, events: 5, incomplete: 1 } }),
    ],
    ['no events', aResult({ listeners: { asked: 2, open: 2, events: 0, incomplete: 0 } })],
    ['a stream that never ended', aResult({ streams: { asked: 2, completed: 1, tokens: 9, different: 0 } })],
    ['answers that differ', aResult({ streams: { asked: 2, completed: 9, tokens: 90, different: 1 } })],
    ['no samples', aResult({ rss: [] })],
  ] as const) {
    it(`error: ${name} is not ok`, () => {
      const { ok, reasons } = judge(result);

      expect(ok).to.equal(false);
      expect(reasons).to.have.length(1);
    });
  }
});
