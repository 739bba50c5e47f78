import { expect } from 'chai';
import fc from 'fast-check';
import { uniform } from '../../src/dmoe/random.ts';
import { chooseToken, largest, logSumExp, topIds } from '../../src/dmoe/sampling.ts';

const logitRows = fc
  .array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 60 })
  .map((values) => Float32Array.from(values));
const draws = fc.record({
  temperature: fc.double({ min: 0.05, max: 5, noNaN: true }),
  topP: fc.double({ min: 0, max: 1, noNaN: true }),
  uniform: fc.double({ min: 0, max: 1 - 2 ** -53, noNaN: true }),
});

/** Probabilities, largest first, lower ids first on a tie: the definition, without short cuts. */
function ranked(logits: Float32Array, temperature: number) {
  const top = Math.max(...logits);
  const weights = Array.from(logits, (logit, id) => ({ id, weight: Math.exp((logit - top) / temperature) }));
  const sum = weights.reduce((total, { weight }) => total + weight, 0);
  return weights
    .sort((a, b) => b.weight - a.weight || a.id - b.id)
    .map(({ id, weight }) => ({ id, p: weight / sum }));
}

describe('chooseToken', () => {
  it('default: temperature 0 takes the largest logit, the lowest id on a tie', () => {
    const draw = { temperature: 0, topP: 0.1, uniform: 0.99 };

    expect(chooseToken(Float32Array.of(1, 3, 3, 2), draw)).to.equal(1);
  });

  it('behaviour: only tokens of the nucleus are drawn', () => {
    fc.assert(
      fc.property(logitRows, draws, (logits, draw) => {
        const id = chooseToken(logits, draw);

        const order = ranked(logits, draw.temperature);
        const at = order.findIndex((entry) => entry.id === id);
        const before = order.slice(0, at).reduce((sum, { p }) => sum + p, 0);
        expect(
          at === 0 || before < draw.topP + 1e-9,
          `token ${id} at rank ${at}, ${before} before it`,
        ).to.equal(true);
      }),
    );
  });

  for (const topP of [1, 0.8]) {
    it(`behaviour: frequencies follow the probabilities, top-p ${topP}`, () => {
      const logits = Float32Array.of(2, 1, 0, -1, 1.5);
      const counts = new Array<number>(5).fill(0);
      for (let i = 0; i < 20_000; i++) {
        const id = chooseToken(logits, { temperature: 0.8, topP, uniform: uniform(1, i) });
        counts[id] = (counts[id] ?? 0) + 1;
      }

      const nucleus = ranked(logits, 0.8).filter((_, i, all) => {
        const before = all.slice(0, i).reduce((sum, { p }) => sum + p, 0);
        return before < topP;
      });
      const mass = nucleus.reduce((sum, { p }) => sum + p, 0);
      expect(counts.filter((count) => count > 0)).to.have.length(nucleus.length);
      for (const { id, p } of nucleus) {
        expect((counts[id] ?? 0) / 20_000, `token ${id}`).to.be.closeTo(p / mass, 0.015);
      }
    });
  }

  it('option: top-p 0 is greedy', () => {
    expect(chooseToken(Float32Array.of(0, 1, 0.5), { temperature: 2, topP: 0, uniform: 0.999 })).to.equal(1);
  });

  it('behaviour: a tiny temperature does not overflow', () => {
    const draw = { temperature: 1e-9, topP: 1, uniform: 0.5 };

    expect(chooseToken(Float32Array.of(-30, 30, 29), draw)).to.equal(1);
  });
});

describe('logSumExp', () => {
  it('default: the logarithm of the sum, in float64', () => {
    expect(logSumExp(Float32Array.of(0, 0, 0, 0))).to.be.closeTo(Math.log(4), 1e-15);
  });

  it('behaviour: large logits do not overflow', () => {
    expect(logSumExp(Float32Array.of(1000, 1000))).to.be.closeTo(1000 + Math.log(2), 1e-12);
  });
});

describe('topIds', () => {
  it('behaviour: the largest first, lower ids first on a tie', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1 }), fc.nat(8), (values, count) => {
        const ids = topIds(Float32Array.from(values), count);

        const sorted = values
          .map((value, id) => ({ value, id }))
          .sort((a, b) => b.value - a.value || a.id - b.id);
        expect(ids).to.deep.equal(sorted.slice(0, count).map(({ id }) => id));
      }),
    );
  });
});

describe('largest', () => {
  it('default: the lowest id on a tie', () => {
    expect(largest(Float32Array.of(-1, 5, 5))).to.equal(1);
  });
});
