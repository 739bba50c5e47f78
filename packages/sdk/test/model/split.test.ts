import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { assert } from 'chai';
import { readManifest } from '../../src/model/bundle.ts';
import { type Checkpoint, openCheckpoint } from '../../src/model/checkpoint.ts';
import { type SplitOptions, splitModel } from '../../src/model/split.ts';
import type { SplitProgress } from '../../src/model/split-progress.ts';
import { verifyFiles } from '../../src/model/verify-files.ts';
import { withTemp } from '../support/temp-folder.ts';
import { type CheckpointOptions, mixtralConfig, writeMixtral } from './support/mixtral-checkpoint.ts';
import { rejects } from './support/throws.ts';

interface Place {
  readonly directory: string;
  readonly source: string;
  readonly out: string;
}

async function withSource<T>(options: CheckpointOptions, use: (place: Place) => Promise<T>): Promise<T> {
  return withTemp(async (directory) => {
    const source = join(directory, 'little-moe');
    await writeMixtral(source, options);
    return use({ directory, source, out: join(directory, 'bundle') });
  });
}

const split = (place: Place, options: Partial<SplitOptions> = {}) =>
  splitModel({ source: place.source, out: place.out, by: 'experts', ...options });

/** Nothing but the source is left. */
async function assertNothingLeft({ directory, source }: Place): Promise<void> {
  assert.deepEqual(await readdir(directory), [basename(source)]);
}

function wholeMatrix(
  checkpoint: Checkpoint,
  name: string,
): { values: Float32Array; rows: number; columns: number } {
  const matrix = checkpoint.matrix(name);
  const values = new Float32Array(matrix.rows * matrix.columns);
  matrix.readRows(0, values);
  return { values, rows: matrix.rows, columns: matrix.columns };
}

async function readFloats(path: string, from: number, count: number): Promise<number[]> {
  const bytes = await readFile(path);
  return Array.from({ length: count }, (_, i) => bytes.readFloatLE(from + 4 * i));
}

describe('splitModel', () => {
  it('default: writes a bundle that verifies, named for its folder, two experts in a group', async () => {
    await withSource({}, async (place) => {
      const report = await split(place);

      const { manifest, modelHash } = await readManifest(place.out);
      await verifyFiles(place.out, manifest);
      assert.equal(report.modelHash, modelHash);
      assert.equal(manifest.name, 'little-moe');
      assert.equal(manifest.groupSize, 2);
      assert.deepEqual(
        manifest.parts.map(({ id }) => id),
        [
          'embed',
          'trunk.000',
          'experts.000.000',
          'experts.000.001',
          'trunk.001',
          'experts.001.000',
          'experts.001.001',
          'head',
        ],
      );
      assert.deepEqual(manifest.tokens, { bos: 1, eos: [2], addBos: false });
      assert.lengthOf(manifest.golden.ids, 9);
      assert.equal(manifest.golden.ids[0], 1);
      assert.deepEqual((await readdir(place.directory)).sort(), ['bundle', 'little-moe']);
    });
  });

  it('default: every listed file is there and nothing else', async () => {
    await withSource({}, async (place) => {
      await split(place);

      const { manifest } = await readManifest(place.out);
      const entries = await readdir(place.out, { recursive: true, withFileTypes: true });
      const found = entries
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name).slice(place.out.length + 1));
      assert.sameMembers(found, [
        ...manifest.files.map(({ path }) => path),
        'manifest.json',
        'manifest.sha256',
      ]);
    });
  });

  it('behaviour: shards hold the source numbers, transposed and side by side', async () => {
    await withSource({ dtype: 'F32' }, async (place) => {
      await split(place);
      const checkpoint = await openCheckpoint(place.source);
      const gate = wholeMatrix(checkpoint, 'model.layers.1.block_sparse_moe.experts.3.w1.weight');
      const up = wholeMatrix(checkpoint, 'model.layers.1.block_sparse_moe.experts.3.w3.weight');
      await checkpoint.close();

      // group 1 holds experts 2 and 3: gate|up and down of expert 2 come first, 4096-aligned
      const second = 2 * 4096;
      const written = await readFloats(join(place.out, 'shards/experts.001.001.bin'), second, 16 * 48);

      const expected = Array.from({ length: 16 }, (_, input) => [
        ...Array.from({ length: 24 }, (_, output) => gate.values[output * 16 + input]),
        ...Array.from({ length: 24 }, (_, output) => up.values[output * 16 + input]),
      ]).flat();
      assert.deepEqual(written, expected);
    });
  });

  it('behaviour: the embedding keeps its rows', async () => {
    await withSource({}, async (place) => {
      await split(place);
      const checkpoint = await openCheckpoint(place.source);
      const { values } = wholeMatrix(checkpoint, 'model.embed_tokens.weight');
      await checkpoint.close();

      assert.deepEqual(await readFloats(join(place.out, 'shards/embed.bin'), 0, values.length), [...values]);
    });
  });

  it('behaviour: the same source gives the same bytes', async () => {
    await withSource({ files: 2 }, async (place) => {
      const first = await split(place);
      const second = await split(place, { out: join(place.directory, 'again') });

      assert.equal(first.modelHash, second.modelHash);
    });
  });

  it('option: parts counts groups per layer, or stages', async () => {
    await withSource({}, async (place) => {
      const groups = await split(place, { parts: 4 });
      const stages = await split(place, { by: 'stages', parts: 2, out: join(place.directory, 'stages') });

      assert.equal(groups.groupSize, 1);
      assert.deepEqual(groups.stages, []);
      assert.deepEqual(stages.stages, [
        [0, 1],
        [1, 2],
      ]);
      assert.equal(stages.mode, 'stages');
    });
  });

  it('option: onProgress counts up to the whole of each phase', async () => {
    await withSource({}, async (place) => {
      const seen: SplitProgress[] = [];
      await split(place, { onProgress: (progress) => seen.push(progress) });

      for (const phase of ['weights', 'golden']) {
        const own = seen.filter((each) => each.phase === phase);
        const last = own.at(-1);
        assert.equal(last?.doneBytes, last?.totalBytes, phase);
        own.forEach(({ doneBytes, totalBytes }, i) => {
          assert.isAtLeast(doneBytes, own[i - 1]?.doneBytes ?? 0);
          assert.isAtMost(doneBytes, totalBytes);
        });
      }
    });
  });

  it('option: overwrite replaces an older bundle, and nothing that is none', async () => {
    await withSource({}, async (place) => {
      const first = await split(place);
      await writeMixtral(place.source, { seed: 2 });

      const refusedBundle = await rejects('CONFLICT_EXISTS', () => split(place));
      assert.equal((await readManifest(place.out)).modelHash, first.modelHash, refusedBundle.message);
      const second = await split(place, { overwrite: true });
      assert.notEqual(second.modelHash, first.modelHash);
      assert.equal((await readManifest(place.out)).modelHash, second.modelHash);
      assert.deepEqual((await readdir(place.directory)).sort(), ['bundle', 'little-moe']);

      const error = await rejects('CONFLICT_EXISTS', () =>
        split(place, { out: place.source, overwrite: true }),
      );
      assert.match(error.message, /not a bundle/);
      assert.include(await readdir(place.source), 'config.json');
    });
  });

  it('error USER_INTERRUPTED: an abort at any moment leaves nothing', async () => {
    for (const phase of ['weights', 'golden']) {
      await withSource({}, async (place) => {
        const abort = new AbortController();
        const onProgress = (progress: SplitProgress) => {
          if (progress.phase === phase) abort.abort();
        };

        await rejects('USER_INTERRUPTED', () => split(place, { onProgress, signal: abort.signal }));

        await assertNothingLeft(place);
      });
    }
  });

  it('error USER_INVALID_REQUEST: a name or a number of parts that cannot be', async () => {
    await withSource({}, async (place) => {
      await rejects('USER_INVALID_REQUEST', () => split(place, { name: '../x' }));
      await rejects('USER_INVALID_REQUEST', () => split(place, { parts: 5 }));
      await rejects('USER_INVALID_REQUEST', () => split(place, { by: 'stages', parts: 3 }));
      await assertNothingLeft(place);
    });
  });

  it('error USER_INVALID_REQUEST: a destination that cannot be written', async () => {
    await withSource({}, async (place) => {
      const file = join(place.directory, 'little-moe', 'config.json');
      await rejects('USER_INVALID_REQUEST', () => split(place, { out: join(file, 'bundle') }));
    });
  });
});

describe('splitModel and a damaged checkpoint', () => {
  const without = (name: string): CheckpointOptions => ({
    change: (tensors) => tensors.filter((tensor) => tensor.name !== name),
  });

  it('error MODEL_TENSOR_MISSING: any tensor that is not there is named', async () => {
    const names = [
      'model.embed_tokens.weight',
      'lm_head.weight',
      'model.norm.weight',
      'model.layers.1.self_attn.k_proj.weight',
      'model.layers.0.block_sparse_moe.gate.weight',
      'model.layers.1.block_sparse_moe.experts.3.w2.weight',
    ];
    for (const name of names) {
      await withSource(without(name), async (place) => {
        const error = await rejects('MODEL_TENSOR_MISSING', () => split(place));
        assert.equal(error.details?.tensor, name);
        await assertNothingLeft(place);
      });
    }
  });

  it('error MODEL_TENSOR_UNEXPECTED: an expert or a tensor too many is named', async () => {
    const names = [
      'model.layers.0.block_sparse_moe.experts.4.w1.weight',
      'model.layers.2.input_layernorm.weight',
      'model.layers.0.self_attn.q_proj.bias',
    ];
    for (const name of names) {
      const change: CheckpointOptions['change'] = (tensors) => [
        ...tensors,
        { name, dtype: 'F32', shape: [16] },
      ];
      await withSource({ change }, async (place) => {
        const error = await rejects('MODEL_TENSOR_UNEXPECTED', () => split(place));
        assert.equal(error.details?.tensor, name);
        await assertNothingLeft(place);
      });
    }
  });

  it('error MODEL_TENSOR_UNEXPECTED: tied embeddings beside a head of their own', async () => {
    const config = mixtralConfig({ tie_word_embeddings: true });
    const head = { name: 'lm_head.weight', dtype: 'BF16', shape: [40, 16] };
    await withSource({ config, change: (tensors) => [...tensors, head] }, async (place) => {
      const error = await rejects('MODEL_TENSOR_UNEXPECTED', () => split(place));
      assert.equal(error.details?.tensor, 'lm_head.weight');
    });
  });

  it('behaviour: stored rotary frequencies are no obstacle', async () => {
    const name = 'model.layers.0.self_attn.rotary_emb.inv_freq';
    const change: CheckpointOptions['change'] = (tensors) => [...tensors, { name, dtype: 'F32', shape: [2] }];
    await withSource({ change }, (place) => split(place));
  });

  it('error MODEL_TENSOR_UNEXPECTED: a config that contradicts the tensors', async () => {
    const lies = {
      vocab_size: 41,
      intermediate_size: 25,
      num_key_value_heads: 4,
      head_dim: 6,
      hidden_size: 12,
    };
    for (const [key, value] of Object.entries(lies)) {
      await withSource({}, async (place) => {
        const config = mixtralConfig({ [key]: value, ...(key === 'hidden_size' ? { head_dim: 4 } : {}) });
        await writeFile(join(place.source, 'config.json'), JSON.stringify(config));
        const error = await rejects('MODEL_TENSOR_UNEXPECTED', () => split(place));
        assert.match(error.message, /implies shape/, key);
        await assertNothingLeft(place);
      });
    }
  });

  it('error MODEL_CONFIG_UNSUPPORTED: weights in a dtype that is no float', async () => {
    const change: CheckpointOptions['change'] = (tensors) =>
      tensors.map((tensor) => (tensor.name === 'lm_head.weight' ? { ...tensor, dtype: 'I64' } : tensor));
    await withSource({ change }, async (place) => {
      const error = await rejects('MODEL_CONFIG_UNSUPPORTED', () => split(place));
      assert.equal(error.details?.tensor, 'lm_head.weight');
    });
  });

  it('error MODEL_SAFETENSORS_INVALID: a truncated file, or weights that are not numbers', async () => {
    await withSource({}, async (place) => {
      const path = join(place.source, 'model.safetensors');
      const bytes = await readFile(path);
      await writeFile(path, bytes.subarray(0, -1));
      await rejects('MODEL_SAFETENSORS_INVALID', () => split(place));

      bytes.fill(0xff, bytes.length - 32);
      await writeFile(path, bytes);
      const error = await rejects('MODEL_SAFETENSORS_INVALID', () => split(place));
      assert.match(error.message, /no finite logits/);
      await assertNothingLeft(place);
    });
  });

  it('error NOT_FOUND_FILE: no tokenizer', async () => {
    await withSource({}, async (place) => {
      await rm(join(place.source, 'tokenizer.json'));
      const error = await rejects('NOT_FOUND_FILE', () => split(place));
      assert.include(error.message, 'tokenizer.json');
      await assertNothingLeft(place);
    });
  });
});
