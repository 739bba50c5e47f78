import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from 'chai';
import { openCheckpoint } from '../../src/model/checkpoint.ts';
import { goldenIds, goldenPosition } from '../../src/model/golden.ts';
import { readModelSpec } from '../../src/model/model-spec.ts';
import { evaluateReference } from '../../src/model/reference.ts';
import { rejects } from './support/throws.ts';

const SOURCE = new URL('../../../../examples/models/tiny-moe/', import.meta.url).pathname;

interface ReferenceCase {
  readonly name: string;
  readonly ids: readonly number[];
  readonly lastLogits: readonly number[];
  readonly logSumExp: readonly number[];
  readonly topPerPosition: readonly number[];
}

async function evaluate(ids: readonly number[]): Promise<Float64Array[]> {
  const checkpoint = await openCheckpoint(SOURCE);
  try {
    return await evaluateReference({ ...readModelSpec(checkpoint.config), matrix: checkpoint.matrix }, ids);
  } finally {
    await checkpoint.close();
  }
}

describe('evaluateReference', () => {
  it('default: agrees with the independent reference of tiny-moe at every position', async () => {
    const { cases } = JSON.parse(await readFile(join(SOURCE, 'reference.json'), 'utf8')) as {
      cases: readonly ReferenceCase[];
    };
    const short = cases.filter(({ ids }) => ids.length <= 42);
    assert.lengthOf(short, 11);
    for (const { name, ids, lastLogits, logSumExp, topPerPosition } of short) {
      const logits = await evaluate(ids);
      const positions = logits.map(goldenPosition);

      // reference.json is rounded to 6 digits after the point
      lastLogits.forEach((value, id) => {
        assert.closeTo(logits.at(-1)?.[id] ?? Number.NaN, value, 1e-6, name);
      });
      positions.forEach((position, i) => {
        assert.closeTo(position.logSumExp, logSumExp[i] ?? Number.NaN, 1e-6, name);
      });
      assert.deepEqual(
        positions.map(({ top }) => top[0]?.[0]),
        [...topPerPosition],
        name,
      );
    }
  });

  it('error USER_INVALID_REQUEST: an id outside the vocabulary', async () => {
    for (const id of [4096, -1, 0.5]) await rejects('USER_INVALID_REQUEST', () => evaluate([id]));
  });
});

describe('golden vectors', () => {
  it('default: ids follow from the config alone, begin with bos, and fit the model', () => {
    const { spec } = readModelSpec({ ...CONFIG });
    const ids = goldenIds('ab', spec, 3);

    assert.deepEqual(ids, goldenIds('ab', spec, 3));
    assert.notDeepEqual(ids, goldenIds('ac', spec, 3));
    assert.lengthOf(ids, 9);
    assert.equal(ids[0], 3);
    assert.lengthOf(goldenIds('ab', spec, null), 8);
    assert.isTrue(ids.every((id) => id < CONFIG.vocab_size));
    assert.lengthOf(goldenIds('ab', { dims: { ...spec.dims, context: 2 } }, 3), 2);
  });

  it('default: the largest logits, falling, the lower id first on a tie', () => {
    const { top, logSumExp } = goldenPosition(Float64Array.of(1, 3, 2, 3));

    assert.deepEqual(top, [
      [1, 3],
      [3, 3],
      [2, 2],
      [0, 1],
    ]);
    assert.closeTo(logSumExp, Math.log(Math.E + 2 * Math.E ** 3 + Math.E ** 2), 1e-12);
  });

  it('error MODEL_SAFETENSORS_INVALID: logits that are not finite', async () => {
    await rejects('MODEL_SAFETENSORS_INVALID', () => goldenPosition(Float64Array.of(1, Number.NaN)));
    await rejects('MODEL_SAFETENSORS_INVALID', () =>
      goldenPosition(Float64Array.of(1, Number.POSITIVE_INFINITY)),
    );
  });
});

const CONFIG = {
  model_type: 'mixtral',
  vocab_size: 50,
  hidden_size: 8,
  intermediate_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-5,
  rope_theta: 1e4,
  num_local_experts: 2,
  num_experts_per_tok: 1,
};
