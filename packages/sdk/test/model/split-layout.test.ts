import { assert } from 'chai';
import fc from 'fast-check';
import { defaultGroupSize, groupSizeFor, layOutSplit, stageRanges } from '../../src/model/split-layout.ts';
import { rejects } from './support/throws.ts';

describe('layOutSplit', () => {
  it('default: at least two experts in a group, about sixteen groups', () => {
    const sizes = [1, 2, 8, 16, 32, 64, 100, 128].map((experts) => [experts, defaultGroupSize(experts)]);
    assert.deepEqual(sizes, [
      [1, 1],
      [2, 2],
      [8, 2],
      [16, 2],
      [32, 2],
      [64, 4],
      [100, 7],
      [128, 8],
    ]);
  });

  it('option: stages keeps the default groups, so that its bits are those of experts', () => {
    const dims = { experts: 8, layers: 4 };
    assert.equal(layOutSplit(dims, 'stages', 4).groupSize, layOutSplit(dims, 'experts').groupSize);
    assert.deepEqual(layOutSplit(dims, 'stages').stages, [
      [0, 2],
      [2, 4],
    ]);
  });

  it('behaviour: a possible number of groups is met exactly', () => {
    for (let groups = 1; groups <= 8; groups++) {
      if ([5, 6, 7].includes(groups)) continue;
      assert.equal(Math.ceil(8 / groupSizeFor(8, groups)), groups);
    }
  });

  it('error USER_INVALID_REQUEST: an impossible number of groups names the possible ones', async () => {
    const error = await rejects('USER_INVALID_REQUEST', () => groupSizeFor(8, 5));
    assert.deepEqual(error.details?.possible, [1, 2, 3, 4, 8]);
    for (const groups of [0, -1, 9, 2.5])
      await rejects('USER_INVALID_REQUEST', () => groupSizeFor(8, groups));
  });

  it('behaviour: stages cover all layers, evenly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 }), (layers, wanted) => {
        const ranges = stageRanges(layers, Math.min(layers, wanted));
        const sizes = ranges.map(([from, to]) => to - from);
        const follows = ranges.every(([from], i) => from === (ranges[i - 1]?.[1] ?? 0));
        return follows && ranges.at(-1)?.[1] === layers && Math.max(...sizes) - Math.min(...sizes) <= 1;
      }),
    );
  });

  it('error USER_INVALID_REQUEST: more stages than layers, or none', async () => {
    for (const stages of [0, 5, 1.5]) await rejects('USER_INVALID_REQUEST', () => stageRanges(4, stages));
  });
});
