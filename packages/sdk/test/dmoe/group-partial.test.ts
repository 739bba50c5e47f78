import { expect } from 'chai';
import { groupMass, groupPartial } from '../../src/dmoe/group-partial.ts';

const HIDDEN = 3;

/** Experts of which number e multiplies its rows by e + 1, and which remember how they were called. */
function scalingExperts() {
  const calls: { expert: number; rows: number }[] = [];
  const run = async (expert: number, x: Float32Array, m: number) => {
    calls.push({ expert, rows: m });
    return x.map((value) => value * (expert + 1));
  };
  return { calls, run };
}

const X = Float32Array.of(1, 2, 3, 10, 20, 30, 100, 200, 300);
const ENTRIES = {
  group: 5,
  rows: Uint32Array.of(0, 2, 2),
  experts: Uint32Array.of(1, 0, 1),
  weights: Float32Array.of(0.5, 0.25, 0.125),
};

describe('groupPartial', () => {
  it('default: the weighted sum of the group, row by row', async () => {
    const { run } = scalingExperts();

    const partial = await groupPartial(ENTRIES, X, HIDDEN, run);

    expect(partial.group).to.equal(5);
    expect(Array.from(partial.rows)).to.deep.equal([0, 2]);
    expect(Array.from(partial.mass)).to.deep.equal([0.5, 0.375]);
    expect(Array.from(partial.y)).to.deep.equal([1, 2, 3, 50, 100, 150]);
  });

  it('behaviour: all rows of one expert run together, experts ascending', async () => {
    const { calls, run } = scalingExperts();

    await groupPartial(ENTRIES, X, HIDDEN, run);

    expect(calls).to.deep.equal([
      { expert: 0, rows: 1 },
      { expert: 1, rows: 2 },
    ]);
  });

  it('behaviour: each step is rounded to float32, in ascending expert order', async () => {
    const outputs = [Float32Array.of(1), Float32Array.of(2 ** -24), Float32Array.of(2 ** -24)];
    const entries = {
      group: 0,
      rows: Uint32Array.of(0, 0, 0),
      experts: Uint32Array.of(0, 1, 2),
      weights: Float32Array.of(1, 1, 1),
    };

    const partial = await groupPartial(
      entries,
      new Float32Array(1),
      1,
      async (expert) => outputs[expert] ?? X,
    );

    expect(partial.y[0]).to.equal(1); // the small ones first would give 1 + 2 ** -23
  });
});

describe('groupMass', () => {
  it('default: weights added row by row', () => {
    expect(Array.from(groupMass(ENTRIES))).to.deep.equal([0.5, 0.375]);
  });
});
