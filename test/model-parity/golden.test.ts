import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readManifest } from '@rios/sdk/model/bundle';
import { splitModel } from '@rios/sdk/model/split';
import { assert } from 'chai';
import {
  type CheckpointOptions,
  mixtralConfig,
  writeMixtral,
} from '../../packages/sdk/test/model/support/mixtral-checkpoint.ts';
import { logSumExp } from '../../packages/worker/test/model-parity/compare.ts';
import {
  createCaches,
  forward,
  type OpenBundle,
  openBundle,
} from '../../packages/worker/test/model-parity/run-bundle.ts';

/** Splits a made-up checkpoint and compares what onnxruntime computes with its golden vectors (float64). */
async function worstGoldenError(options: CheckpointOptions, chunks: readonly number[]): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'rios-golden-'));
  try {
    const source = join(directory, 'source');
    const out = join(directory, 'bundle');
    await writeMixtral(source, options);
    await splitModel({ source, out, by: 'experts' });
    const bundle = await openBundle(out, (await readManifest(out)).manifest);
    return errorOf(bundle, await forwardInChunks(bundle, chunks));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function forwardInChunks(bundle: OpenBundle, chunks: readonly number[]): Promise<Float32Array[]> {
  const { ids } = bundle.manifest.golden;
  const caches = createCaches(bundle.manifest);
  const logits: Float32Array[] = [];
  for (const size of [...chunks, ids.length]) {
    const piece = ids.slice(logits.length, logits.length + size);
    if (piece.length > 0) logits.push(...(await forward(bundle, piece, logits.length, caches)));
  }
  return logits;
}

function errorOf({ manifest }: OpenBundle, logits: readonly Float32Array[]): number {
  const { positions, ids } = manifest.golden;
  assert.lengthOf(positions, ids.length);
  const errors = positions.flatMap(({ top, logSumExp: expected }, position) => {
    const row = logits[position] ?? new Float32Array();
    return [
      Math.abs(logSumExp(row) - expected),
      ...top.map(([id, logit]) => Math.abs((row[id] ?? NaN) - logit)),
    ];
  });
  assert.isAbove(errors.length, ids.length);
  return Math.max(...errors);
}

const rope = (rope_scaling: object) => ({ config: mixtralConfig({ rope_scaling }) });

const CASES: Record<string, CheckpointOptions> = {
  'as published': {},
  'float32 weights': { dtype: 'F32' },
  'float16 weights in three files': { dtype: 'F16', files: 3 },
  'a head size that is not hidden / heads': { config: mixtralConfig({ head_dim: 10 }) },
  'as many key/value heads as heads': { config: mixtralConfig({ num_key_value_heads: 4 }) },
  'one key/value head': { config: mixtralConfig({ num_key_value_heads: 1 }) },
  'one head': { config: mixtralConfig({ num_attention_heads: 1, num_key_value_heads: 1 }) },
  'top 1': { config: mixtralConfig({ num_experts_per_tok: 1 }) },
  'every expert': { config: mixtralConfig({ num_experts_per_tok: 4 }) },
  'five experts': { config: mixtralConfig({ num_local_experts: 5 }) },
  'tied embeddings': { config: mixtralConfig({ tie_word_embeddings: true }) },
  'a sliding window of 3': { config: mixtralConfig({ sliding_window: 3 }) },
  'a sliding window of 1': { config: mixtralConfig({ sliding_window: 1 }) },
  'a large epsilon': { config: mixtralConfig({ rms_norm_eps: 0.5 }) },
  'another theta': { config: mixtralConfig({ rope_theta: 12 }) },
  'linear rope': rope({ type: 'linear', factor: 4 }),
  'yarn rope': rope({ rope_type: 'yarn', factor: 4, original_max_position_embeddings: 16 }),
  'llama3 rope': rope({
    rope_type: 'llama3',
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 64,
  }),
};

describe('golden vectors against the split, run with onnxruntime', () => {
  for (const [name, options] of Object.entries(CASES)) {
    it(`agree: ${name}`, async () => {
      assert.isBelow(await worstGoldenError(options, []), 1e-4);
    });
  }

  it('agree: one token at a time, and in chunks, over a sliding window', async () => {
    const options = { config: mixtralConfig({ sliding_window: 3 }) };
    assert.isBelow(await worstGoldenError(options, Array(9).fill(1)), 1e-4);
    assert.isBelow(await worstGoldenError(options, [4, 2]), 1e-4);
  });
});
