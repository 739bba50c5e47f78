import { expect } from 'chai';
import { uniform } from '../../src/dmoe/random.ts';

describe('uniform', () => {
  it('default: the same seed and index give the same number, others another', () => {
    expect(uniform(42, 7)).to.equal(uniform(42, 7));
    expect(
      new Set([uniform(42, 7), uniform(42, 8), uniform(43, 7), uniform(42 + 2 ** 32, 7)]),
    ).to.have.length(4);
  });

  it('behaviour: draws spread evenly over [0, 1)', () => {
    const bins = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const value = uniform(i % 7, i);
      expect(value, `draw ${i}`).to.be.within(0, 1 - 2 ** -53);
      const bin = Math.floor(value * 10);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }

    for (const count of bins) expect(count, 'a tenth of 20,000').to.be.within(1850, 2150);
  });

  it('behaviour: these numbers never change (a seed is a promise)', () => {
    expect([uniform(0, 0), uniform(1, 0), uniform(2 ** 40, 3)]).to.deep.equal([
      0.9817317219131122, 0.7887684721623214, 0.7224547740110601,
    ]);
  });
});
