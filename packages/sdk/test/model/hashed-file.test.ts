import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from 'chai';
import fc from 'fast-check';
import { toRiosError } from '../../src/errors/error.ts';
import { createFileDigest, createHashedFile, writeHashedFile } from '../../src/model/hashed-file.ts';
import { CHUNK_BYTES } from '../../src/schema/manifest.ts';
import { withTemp } from '../support/temp-folder.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('createHashedFile', () => {
  it('default: writes, pads and hashes as it goes', async () => {
    await withTemp(async (directory) => {
      const file = await createHashedFile(directory, 'a/b.bin');
      await file.append(Uint8Array.of(1, 2, 3));
      await file.padTo(8);
      await file.append(Uint8Array.of(4));

      const entry = await file.finish();

      const bytes = await readFile(join(directory, 'a/b.bin'));
      assert.deepEqual([...bytes], [1, 2, 3, 0, 0, 0, 0, 0, 4]);
      assert.deepEqual(entry, {
        path: 'a/b.bin',
        sizeBytes: 9,
        sha256: sha256(bytes),
        chunks: [sha256(bytes)],
      });
    });
  });

  it('behaviour: an empty file has no chunk', async () => {
    await withTemp(async (directory) => {
      const entry = await writeHashedFile(directory, 'empty', new Uint8Array());
      assert.deepEqual(entry.chunks, []);
      assert.equal(entry.sizeBytes, 0);
    });
  });

  it('behaviour: chunks are hashed alike however the bytes arrive', () => {
    const bytes = Buffer.alloc(2 * CHUNK_BYTES + 5, 7);
    const expected = [0, 1, 2].map((chunk) =>
      sha256(bytes.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES)),
    );
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 6 }), (cuts) => {
        const digest = createFileDigest();
        const ends = [...cuts.sort((a, b) => a - b), bytes.length];
        ends.forEach((end, i) => {
          digest.update(bytes.subarray(ends[i - 1] ?? 0, end));
        });
        assert.deepEqual(digest.finish('x').chunks, expected);
      }),
      { numRuns: 5 },
    );
  });

  it('error CAPACITY_DISK: a full disk', async function () {
    if (process.platform !== 'linux') this.skip();
    const file = await createHashedFile('/dev', 'full');
    let caught: unknown;
    try {
      await file.append(new Uint8Array(4096));
    } catch (error) {
      caught = error;
    } finally {
      await file.abandon();
    }
    assert.equal(toRiosError(caught).code, 'CAPACITY_DISK');
  });
});
