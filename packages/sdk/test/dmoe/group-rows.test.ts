import { expect } from 'chai';
import fc from 'fast-check';
import { distinctRows, groupRows } from '../../src/dmoe/group-rows.ts';

const LAYER = { experts: 8, groupSize: 3 };
const TOP_K = 2;

/** A gate's choice: for each row `TOP_K` different experts in any order. */
const choices = fc
  .array(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: TOP_K, maxLength: TOP_K }), {
    minLength: 1,
    maxLength: 20,
  })
  .map((rows) => ({
    rows: rows.length,
    topK: TOP_K,
    indices: Float32Array.from(rows.flat()),
    weights: Float32Array.from(rows.flat(), (expert, i) => (expert + 1) / (i + 2)),
  }));

describe('groupRows', () => {
  it('default: sorts a choice into groups', () => {
    const choice = {
      rows: 2,
      topK: 2,
      indices: Float32Array.of(7, 1, 0, 1),
      weights: Float32Array.of(0.75, 0.25, 0.5, 0.5),
    };

    const groups = groupRows(choice, LAYER);

    expect(groups.map(({ group }) => group)).to.deep.equal([0, 2]);
    expect(Array.from(groups[0]?.rows ?? [])).to.deep.equal([0, 1, 1]);
    expect(Array.from(groups[0]?.experts ?? [])).to.deep.equal([1, 0, 1]);
    expect(Array.from(groups[1]?.weights ?? [])).to.deep.equal([0.75]);
  });

  it('behaviour: every choice stands in exactly one group, in the order of the numeric contract', () => {
    fc.assert(
      fc.property(choices, (choice) => {
        const groups = groupRows(choice, LAYER);
        const found = groups.flatMap((entries) =>
          Array.from(entries.rows, (row, i) => ({
            group: entries.group,
            row,
            expert: entries.experts[i] ?? -1,
            weight: entries.weights[i] ?? -1,
          })),
        );

        const sorted = found.toSorted((a, b) => a.group - b.group || a.row - b.row || a.expert - b.expert);
        expect(found).to.deep.equal(sorted);
        for (const { group, expert } of found) expect(group).to.equal(Math.floor(expert / LAYER.groupSize));
        const asked = Array.from(
          choice.indices,
          (expert, i) => `${Math.floor(i / TOP_K)}/${expert}/${choice.weights[i]}`,
        );
        const told = found.map(({ row, expert, weight }) => `${row}/${expert}/${weight}`);
        expect(told.sort()).to.deep.equal(asked.sort());
      }),
    );
  });

  for (const [what, indices] of [
    ['an expert that the layer lacks', [8, 0]],
    ['a fraction', [0.5, 1]],
    ['not a number', [Number.NaN, 1]],
    ['the same expert twice', [3, 3]],
  ] as const) {
    it(`error RUNTIME_SESSION: the gate names ${what}`, () => {
      const choice = {
        rows: 1,
        topK: 2,
        indices: Float32Array.from(indices),
        weights: Float32Array.of(1, 1),
      };

      expect(() => groupRows(choice, LAYER))
        .to.throw()
        .with.property('code', 'RUNTIME_SESSION');
    });
  }
});

describe('distinctRows', () => {
  it('default: each row once, ascending', () => {
    const entries = {
      group: 0,
      rows: Uint32Array.of(1, 1, 4, 7, 7),
      experts: Uint32Array.of(0, 1, 0, 0, 1),
      weights: new Float32Array(5),
    };

    expect(Array.from(distinctRows(entries))).to.deep.equal([1, 4, 7]);
  });
});
