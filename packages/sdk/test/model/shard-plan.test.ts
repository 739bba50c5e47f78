import { assert } from 'chai';
import { readModelSpec } from '../../src/model/model-spec.ts';
import { ALIGNMENT, planParts } from '../../src/model/shard-plan.ts';
import { mixtralConfig, mixtralTensors } from './support/mixtral-checkpoint.ts';

const plansOf = (overrides: Record<string, unknown>, groupSize: number) => {
  const { family, spec } = readModelSpec(mixtralConfig(overrides));
  return planParts(family, spec, groupSize);
};

describe('planParts', () => {
  it('default: every source tensor goes to one place', () => {
    const used = plansOf({}, 2).flatMap(({ shard }) => shard.tensors.flatMap(({ sources }) => sources));
    assert.sameMembers(
      used,
      mixtralTensors(mixtralConfig()).map(({ name }) => name),
    );
  });

  it('option: tied embeddings go to the embedding and to the head', () => {
    const used = plansOf({ tie_word_embeddings: true }, 2).flatMap(({ shard }) =>
      shard.tensors.flatMap(({ sources }) => sources),
    );
    assert.lengthOf(
      used.filter((name) => name === 'model.embed_tokens.weight'),
      2,
    );
  });

  it('behaviour: tensors are aligned, in order, and do not overlap', () => {
    for (const { id, shard } of plansOf({}, 3)) {
      let end = 0;
      for (const { name, offset, sizeBytes, shape } of shard.tensors) {
        assert.equal(offset % ALIGNMENT, 0, `${id} ${name}`);
        assert.isAtLeast(offset, end);
        assert.equal(sizeBytes, 4 * shape.reduce((product, size) => product * size, 1));
        end = offset + sizeBytes;
      }
      assert.equal(shard.sizeBytes, end);
    }
  });

  it('behaviour: the last group of a layer takes what is left', () => {
    const groups = plansOf({ num_local_experts: 5 }, 2)
      .filter(({ layer, kind }) => kind === 'experts' && layer === 0)
      .map(({ experts }) => experts);
    assert.deepEqual(groups, [[0, 1], [2, 3], [4]]);
  });
});
