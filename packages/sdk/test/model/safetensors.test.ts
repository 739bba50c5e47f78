import { open, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from 'chai';
import fc from 'fast-check';
import { RiosError } from '../../src/errors/error.ts';
import { openSafetensors, type SafetensorsFile } from '../../src/model/safetensors.ts';
import { withTemp } from '../support/temp-folder.ts';
import { safetensorsHeader, type TensorToWrite, withLength } from './support/safetensors-file.ts';
import { rejects } from './support/throws.ts';

const TENSORS: readonly TensorToWrite[] = [
  { name: 'a', dtype: 'F32', shape: [2, 3] },
  { name: 'b', dtype: 'BF16', shape: [4] },
  { name: 'empty', dtype: 'F32', shape: [0, 5] },
];
const DATA = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const GOOD = Buffer.concat([safetensorsHeader(TENSORS), DATA]);

const headerOf = (tensors: Record<string, unknown>) => withLength(JSON.stringify(tensors));
const f32 = (begin: number, end: number, shape: unknown = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

async function withFile<T>(bytes: Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  return withTemp(async (directory) => {
    const path = join(directory, 'x.safetensors');
    await writeFile(path, bytes);
    return use(path);
  });
}

const refused = (bytes: Uint8Array) =>
  withFile(bytes, (path) => rejects('MODEL_SAFETENSORS_INVALID', () => openSafetensors(path)));

/** Reads every tensor whole; the bytes by name. */
function readAll(file: SafetensorsFile): Record<string, Buffer> {
  return Object.fromEntries(
    file.tensors.map((tensor) => {
      const bytes = Buffer.alloc(tensor.end - tensor.begin);
      file.read(tensor, 0, bytes);
      return [tensor.name, bytes];
    }),
  );
}

describe('openSafetensors', () => {
  it('default: lists the tensors and reads their bytes', async () => {
    await withFile(GOOD, async (path) => {
      const file = await openSafetensors(path);

      assert.deepEqual(
        file.tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
        TENSORS.map((tensor) => ({ ...tensor })),
      );
      assert.deepEqual(readAll(file), {
        a: DATA.subarray(0, 24),
        b: DATA.subarray(24, 32),
        empty: Buffer.alloc(0),
      });
      await file.close();
    });
  });

  it('behaviour: __metadata__ is no tensor', async () => {
    const header = headerOf({ __metadata__: { format: 'pt' }, a: f32(0, 8) });
    await withFile(Buffer.concat([header, Buffer.alloc(8)]), async (path) => {
      const file = await openSafetensors(path);
      assert.deepEqual(
        file.tensors.map(({ name }) => name),
        ['a'],
      );
      await file.close();
    });
  });

  it('error NOT_FOUND_FILE: the file is not there', async () => {
    await withTemp((directory) => rejects('NOT_FOUND_FILE', () => openSafetensors(join(directory, 'none'))));
  });

  it('error MODEL_SAFETENSORS_INVALID: a file cut anywhere', async () => {
    for (let length = 0; length < GOOD.length; length++) await refused(GOOD.subarray(0, length));
  });

  it('error MODEL_SAFETENSORS_INVALID: bytes after the last tensor', async () => {
    const error = await refused(Buffer.concat([GOOD, Buffer.alloc(1)]));
    assert.match(error.message, /belong to no tensor/);
  });

  it('error MODEL_SAFETENSORS_INVALID: a header of 10 GB, of 2^64 - 1 bytes, longer than the file', async () => {
    for (const claimed of [10n * 1024n ** 3n, 2n ** 64n - 1n, 100_000_001n])
      assert.match((await refused(withLength('{}', claimed))).message, /header claims/);
    assert.match((await refused(withLength('{}', 50_000_000n))).message, /ends inside its header/);
  });

  it('error MODEL_SAFETENSORS_INVALID: a header of 10 GB costs no memory', async () => {
    const before = process.memoryUsage().arrayBuffers;
    await refused(withLength('{}', 10n * 1024n ** 3n));
    assert.isBelow(process.memoryUsage().arrayBuffers - before, 1024 * 1024);
  });

  it('error MODEL_SAFETENSORS_INVALID: headers that are no object of tensors', async () => {
    for (const text of ['', '[]', 'null', '{"a"', '{"a": 1}', '{"a": {}}', '\xff'])
      await refused(withLength(text));
  });

  it('error MODEL_SAFETENSORS_INVALID: tensors that overlap, leave a gap, or leave the file', async () => {
    const cases: [string, Record<string, unknown>, RegExp][] = [
      ['overlap', { a: f32(0, 8), b: f32(4, 12) }, /overlaps/],
      ['same bytes', { a: f32(0, 12), b: f32(0, 12) }, /overlaps/],
      ['gap', { a: f32(0, 4), b: f32(8, 12) }, /belong to no tensor/],
      ['outside', { a: f32(0, 16) }, /outside the file/],
      ['backwards', { a: f32(8, 4, [1]) }, /outside the file/],
    ];
    for (const [name, tensors, message] of cases) {
      const error = await refused(Buffer.concat([headerOf(tensors), Buffer.alloc(12)]));
      assert.match(error.message, message, name);
    }
  });

  it('error MODEL_SAFETENSORS_INVALID: shapes, offsets and dtypes that cannot be', async () => {
    const wrong: unknown[] = [
      f32(0, 12, [4]),
      f32(0, 12, [-3]),
      f32(0, 12, [1.5]),
      f32(0, 12, ['3']),
      f32(0, 12, 3),
      f32(0, 12, [1, 1, 1, 1, 1, 1, 1, 1, 3]),
      f32(0, 12, [2 ** 52, 2 ** 52, 0]),
      { dtype: 'F31', shape: [3], data_offsets: [0, 12] },
      { dtype: 'toString', shape: [3], data_offsets: [0, 12] },
      { dtype: 'F32', shape: [3], data_offsets: [0] },
      { dtype: 'F32', shape: [3], data_offsets: [-4, 8] },
      { dtype: 'F32', shape: [3], data_offsets: [0, 1e300] },
      { dtype: 'F32', shape: [3] },
    ];
    for (const tensor of wrong) {
      const error = await refused(Buffer.concat([headerOf({ a: tensor }), Buffer.alloc(12)]));
      assert.include(error.message, '"a"', JSON.stringify(tensor));
    }
  });

  it('error MODEL_SAFETENSORS_INVALID: a tensor named twice', async () => {
    const text =
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    const error = await refused(Buffer.concat([withLength(text), Buffer.alloc(8)]));
    assert.equal(error.details?.key, 'a');
  });

  it('error MODEL_SAFETENSORS_INVALID: a read that leaves its tensor, or a file cut after it was opened', async () => {
    await withFile(GOOD, async (path) => {
      const file = await openSafetensors(path);
      const [a] = file.tensors;
      assert.exists(a);
      if (!a) return;
      await rejects('MODEL_SAFETENSORS_INVALID', () => file.read(a, 20, new Uint8Array(5)));
      await rejects('MODEL_SAFETENSORS_INVALID', () => file.read(a, -1, new Uint8Array(1)));
      await truncate(path, GOOD.length - 20);
      const error = await rejects('MODEL_SAFETENSORS_INVALID', () => file.read(a, 0, new Uint8Array(24)));
      assert.match(error.message, /became shorter/);
      await file.close();
    });
  });

  it('behaviour: whatever bytes are changed, it reads inside the file or refuses', async () => {
    const change = fc.record({ at: fc.nat(GOOD.length - 1), value: fc.nat(255) });
    await withFile(GOOD, (path) =>
      fc.assert(
        fc.asyncProperty(
          fc.array(change, { minLength: 1, maxLength: 4 }),
          fc.nat(GOOD.length),
          async (changes, length) => {
            const bytes = Buffer.from(GOOD);
            for (const { at, value } of changes) bytes[at] = value;
            await overwrite(path, bytes.subarray(0, length));
            await readsOrRefuses(path, length);
          },
        ),
        { numRuns: 300 },
      ),
    );
  });

  it('behaviour: whatever the header says, it reads inside the file or refuses', async () => {
    const count = fc.oneof(fc.nat(16), fc.maxSafeInteger(), fc.double());
    const tensor = fc.record(
      {
        dtype: fc.constantFrom('F32', 'BF16', 'U8', 'X'),
        shape: fc.array(count),
        data_offsets: fc.tuple(count, count),
      },
      { requiredKeys: [] },
    );
    const header = fc.dictionary(fc.string(), fc.oneof(tensor, fc.jsonValue()));
    await withFile(GOOD, (path) =>
      fc.assert(
        fc.asyncProperty(header, fc.nat(64), async (tensors, dataBytes) => {
          const bytes = Buffer.concat([headerOf(tensors), Buffer.alloc(dataBytes)]);
          await overwrite(path, bytes);
          await readsOrRefuses(path, bytes.length);
        }),
        { numRuns: 300 },
      ),
    );
  });
});

async function overwrite(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  await file.write(bytes);
  await file.close();
}

async function readsOrRefuses(path: string, sizeBytes: number): Promise<void> {
  try {
    const file = await openSafetensors(path);
    for (const { name, begin, end } of file.tensors) assert.isTrue(begin <= end && end <= sizeBytes, name);
    const sizes = Object.values(readAll(file)).map(({ length }) => length);
    assert.isAtMost(
      sizes.reduce((sum, size) => sum + size, 0),
      sizeBytes,
    );
    await file.close();
  } catch (error) {
    if (!(error instanceof RiosError)) throw error;
    assert.equal(error.code, 'MODEL_SAFETENSORS_INVALID');
  }
}
