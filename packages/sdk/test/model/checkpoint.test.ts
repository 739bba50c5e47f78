import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from 'chai';
import { openCheckpoint } from '../../src/model/checkpoint.ts';
import { withTemp } from '../support/temp-folder.ts';
import { writeMixtral } from './support/mixtral-checkpoint.ts';
import { rejects } from './support/throws.ts';

const INDEX = 'model.safetensors.index.json';

/** Rewrites the weight map of a checkpoint in several files. */
async function changeIndex(
  directory: string,
  change: (map: Record<string, unknown>) => unknown,
): Promise<void> {
  const path = join(directory, INDEX);
  const index = JSON.parse(await readFile(path, 'utf8'));
  index.weight_map = change(index.weight_map);
  await writeFile(path, JSON.stringify(index));
}

describe('openCheckpoint', () => {
  it('default: finds every tensor of a single file', async () => {
    await withTemp(async (directory) => {
      await writeMixtral(directory);

      const checkpoint = await openCheckpoint(directory);

      assert.equal(checkpoint.config.model_type, 'mixtral');
      assert.equal(checkpoint.matrix('lm_head.weight').rows, 40);
      await checkpoint.close();
    });
  });

  it('behaviour: several files with an index hold the same numbers as one', async () => {
    await withTemp(async (directory) => {
      const one = join(directory, 'one');
      const many = join(directory, 'many');
      await writeMixtral(one, { dtype: 'F32', change: (tensors) => tensors.slice(0, 3) });
      await writeMixtral(many, { dtype: 'F32', files: 3, change: (tensors) => tensors.slice(0, 3) });

      const checkpoints = [await openCheckpoint(one), await openCheckpoint(many)];
      const [first, second] = checkpoints.map((checkpoint) => {
        const matrix = checkpoint.matrix('model.embed_tokens.weight');
        const values = new Float32Array(matrix.rows * matrix.columns);
        matrix.readRows(0, values);
        return values;
      });

      assert.deepEqual(first, second);
      for (const checkpoint of checkpoints) await checkpoint.close();
    });
  });

  it('behaviour: a block of a matrix is the same numbers as its rows, in every dtype', async () => {
    for (const dtype of ['F32', 'F16', 'BF16']) {
      await withTemp(async (directory) => {
        await writeMixtral(directory, { dtype });
        const checkpoint = await openCheckpoint(directory);
        const matrix = checkpoint.matrix('lm_head.weight');
        const whole = new Float32Array(matrix.rows * matrix.columns);
        const block = new Float32Array(3 * 5);

        matrix.readRows(0, whole);
        matrix.readBlock(7, 3, 2, 5, block);

        const expected = [7, 8, 9].flatMap((row) => [...whole.subarray(row * 16 + 2, row * 16 + 7)]);
        assert.deepEqual([...block], expected, dtype);
        assert.isTrue(expected.some((value) => value !== 0));
        await checkpoint.close();
      });
    }
  });

  it('error NOT_FOUND_FILE: no directory, no config, no weights, no index', async () => {
    await withTemp(async (directory) => {
      await rejects('NOT_FOUND_FILE', () => openCheckpoint(join(directory, 'none')));
      await rejects('NOT_FOUND_FILE', () => openCheckpoint(directory));
      await writeFile(join(directory, 'config.json'), '{}');
      await rejects('NOT_FOUND_FILE', () => openCheckpoint(directory));
      await writeFile(join(directory, 'a.safetensors'), '');
      await writeFile(join(directory, 'b.safetensors'), '');
      const error = await rejects('NOT_FOUND_FILE', () => openCheckpoint(directory));
      assert.include(error.message, INDEX);
    });
  });

  it('error MODEL_CONFIG_INVALID: a config that is no object', async () => {
    await withTemp(async (directory) => {
      for (const text of ['', '[1]', '{"a": ']) {
        await writeFile(join(directory, 'config.json'), text);
        await rejects('MODEL_CONFIG_INVALID', () => openCheckpoint(directory));
      }
    });
  });

  it('error MODEL_CONFIG_INVALID: an index that points outside the folder', async () => {
    const paths = [
      '../evil.safetensors',
      '/etc/passwd',
      'a/b.safetensors',
      '..\\x.safetensors',
      '.safetensors',
      '',
      7,
    ];
    await withTemp(async (directory) => {
      await writeMixtral(directory, { files: 2 });
      for (const path of paths) {
        await changeIndex(directory, (map) => ({ ...map, 'lm_head.weight': path }));
        const error = await rejects('MODEL_CONFIG_INVALID', () => openCheckpoint(directory));
        assert.equal(error.details?.tensor, 'lm_head.weight', String(path));
      }
      for (const map of [undefined, [], {}, 'x']) {
        await changeIndex(directory, () => map);
        await rejects('MODEL_CONFIG_INVALID', () => openCheckpoint(directory));
      }
    });
  });

  it('error NOT_FOUND_FILE: a file of the index is missing', async () => {
    await withTemp(async (directory) => {
      await writeMixtral(directory, { files: 2 });
      await rm(join(directory, 'model-00002-of-00002.safetensors'));

      const error = await rejects('NOT_FOUND_FILE', () => openCheckpoint(directory));

      assert.include(error.message, 'model-00002-of-00002');
    });
  });

  it('error MODEL_TENSOR_MISSING: the index promises a tensor that its file lacks', async () => {
    await withTemp(async (directory) => {
      await writeMixtral(directory, { files: 2 });
      await changeIndex(directory, (map) => ({ ...map, extra: 'model-00001-of-00002.safetensors' }));

      const error = await rejects('MODEL_TENSOR_MISSING', () => openCheckpoint(directory));

      assert.equal(error.details?.tensor, 'extra');
    });
  });

  it('error MODEL_TENSOR_UNEXPECTED: a tensor that the index does not list, or that stands in two files', async () => {
    await withTemp(async (directory) => {
      await writeMixtral(directory, { files: 2 });
      await changeIndex(directory, ({ 'lm_head.weight': _, ...rest }) => rest);
      const unlisted = await rejects('MODEL_TENSOR_UNEXPECTED', () => openCheckpoint(directory));
      assert.equal(unlisted.details?.tensor, 'lm_head.weight');

      const first = join(directory, 'model-00001-of-00002.safetensors');
      await writeFile(join(directory, 'model-00002-of-00002.safetensors'), await readFile(first));
      const twice = await rejects('MODEL_TENSOR_UNEXPECTED', () => openCheckpoint(directory));
      assert.match(twice.message, /two files/);
    });
  });
});
