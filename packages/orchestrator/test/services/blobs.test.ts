import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { sha256Of } from '@rios/sdk/crypto/hash';
import { silentLog } from '@rios/sdk/log';
import { CHUNK_BYTES } from '@rios/sdk/schema/manifest';
import { expect } from 'chai';
import { createBlobFiles } from '../../src/services/blob-files.ts';
import {
  type BlobOwner,
  type Blobs,
  createBlobs,
  UNREFERENCED_TTL_MS,
  UPLOAD_TTL_MS,
} from '../../src/services/blobs.ts';
import type { Store } from '../../src/store/store.ts';
import { expectError } from '../support/expect-error.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { addAccount, openMemoryStore, peerIdOf } from '../support/seed-store.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

const QUOTA = 20 * 1024 * 1024;
const SELF = peerIdOf(0);

/** Random bytes as a blob of `sizeBytes`, cut into chunks. */
function aBlob(sizeBytes: number) {
  const bytes = randomBytes(sizeBytes);
  const sha256 = sha256Of(bytes);
  const chunk = (index: number) => ({
    sha256,
    sizeBytes,
    index,
    bytes: bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
  });
  return { bytes, sha256, sizeBytes, chunk };
}

describe('blobs', () => {
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  let store: Store;
  let blobs: Blobs;
  let owner: BlobOwner;
  let freeBytes: number;
  const clock = createManualClock();
  const open = () =>
    createBlobs({
      store,
      files: createBlobFiles(directory.path),
      clock,
      self: SELF,
      log: silentLog,
      freeBytes: async () => freeBytes,
    });
  beforeEach(async () => {
    directory = await createTempDirectory();
    store = await openMemoryStore();
    owner = await addAccount(store, 'acc_owner00000', QUOTA);
    freeBytes = 1e12;
    blobs = open();
  });
  afterEach(async () => {
    await store.destroy();
    await directory.remove();
  });
  const listFiles = async () =>
    (await readdir(directory.path, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);
  const read = async (sha256: string, from: number, to: number) =>
    buffer((await blobs.open(sha256, owner.accountId)).read(from, to));

  it('default: a blob of several chunks, sent in any order, is visible once it is whole', async () => {
    const blob = aBlob(2 * CHUNK_BYTES + 100);
    expect(await blobs.putChunk(blob.chunk(2), owner)).to.equal(false);
    expect(await blobs.putChunk(blob.chunk(0), owner)).to.equal(false);
    expect(await blobs.find(blob.sha256)).to.equal(undefined);
    expect(await blobs.putChunk(blob.chunk(1), owner)).to.equal(true);

    const found = await blobs.find(blob.sha256);
    expect(found?.sizeBytes).to.equal(blob.sizeBytes);
    expect((await readFile(found?.path ?? '')).equals(blob.bytes)).to.equal(true);
    expect(
      (await read(blob.sha256, 10, CHUNK_BYTES + 5)).equals(blob.bytes.subarray(10, CHUNK_BYTES + 5)),
    ).to.equal(true);
    expect(await listFiles()).to.deep.equal([blob.sha256]);
  });

  it('behaviour: an empty blob has one empty chunk', async () => {
    const blob = aBlob(0);

    expect(await blobs.missingChunks(blob.sha256, 0, owner)).to.deep.equal([0]);
    expect(await blobs.putChunk(blob.chunk(0), owner)).to.equal(true);
    expect(await read(blob.sha256, 0, 0)).to.have.length(0);
  });

  it('behaviour: an upload is resumed after a restart from the chunks that are there', async () => {
    const blob = aBlob(3 * CHUNK_BYTES);
    await blobs.putChunk(blob.chunk(1), owner);

    blobs = open();
    await blobs.recover();
    expect(await blobs.missingChunks(blob.sha256, blob.sizeBytes, owner)).to.deep.equal([0, 2]);
    await blobs.putChunk(blob.chunk(0), owner);
    expect(await blobs.putChunk(blob.chunk(2), owner)).to.equal(true);
    expect(await blobs.missingChunks(blob.sha256, blob.sizeBytes, owner)).to.deep.equal([]);
  });

  it('behaviour: the same blob sent by several at once is stored once', async () => {
    const blob = aBlob(3 * CHUNK_BYTES + 1);
    const sendAll = () => Promise.all([3, 1, 0, 2].map((index) => blobs.putChunk(blob.chunk(index), owner)));

    const outcomes = await Promise.all([sendAll(), sendAll(), sendAll()]);

    expect(outcomes.flat()).to.include(true);
    expect((await read(blob.sha256, 0, blob.sizeBytes)).equals(blob.bytes)).to.equal(true);
    expect(await listFiles()).to.deep.equal([blob.sha256]);
  });

  it('error USER_INVALID_REQUEST: a truncated chunk, and one past the end', async () => {
    const blob = aBlob(CHUNK_BYTES + 50);
    const cut = { ...blob.chunk(0), bytes: blob.bytes.subarray(0, 100) };

    await expectError(blobs.putChunk(cut, owner), 'USER_INVALID_REQUEST');
    await expectError(blobs.putChunk({ ...blob.chunk(1), index: 2 }, owner), 'USER_INVALID_REQUEST');
    expect(await listFiles()).to.deep.equal([]);
  });

  it('error INTEGRITY_HASH: bytes of another hash never become visible, and can be sent again', async () => {
    const blob = aBlob(CHUNK_BYTES + 50);
    await blobs.putChunk({ ...blob.chunk(0), bytes: randomBytes(CHUNK_BYTES) }, owner);

    await expectError(blobs.putChunk(blob.chunk(1), owner), 'INTEGRITY_HASH');
    expect(await blobs.find(blob.sha256)).to.equal(undefined);
    expect(await listFiles()).to.deep.equal([]);

    await blobs.putChunk(blob.chunk(0), owner);
    expect(await blobs.putChunk(blob.chunk(1), owner)).to.equal(true);
  });

  it('behaviour: a wrong size given once does not block the right one', async () => {
    const blob = aBlob(CHUNK_BYTES);
    await blobs.putChunk({ ...blob.chunk(0), sizeBytes: 2 * CHUNK_BYTES }, owner);

    expect(await blobs.putChunk(blob.chunk(0), owner)).to.equal(true);
  });

  it('error QUOTA_BLOBS: the quota counts from the first chunk on', async () => {
    const big = aBlob(CHUNK_BYTES + 1);
    await blobs.putChunk({ ...big.chunk(0), sizeBytes: QUOTA }, owner);
    const small = aBlob(1);

    const error = await expectError(blobs.putChunk(small.chunk(0), owner), 'QUOTA_BLOBS');
    expect(error.details).to.deep.equal({ usedBytes: QUOTA, sizeBytes: 1, quotaBytes: QUOTA });
    expect(await blobs.find(small.sha256)).to.equal(undefined);
  });

  it('behaviour: what is collected no longer counts', async () => {
    const blob = aBlob(QUOTA);
    for (let index = 0; index < 5; index++) await blobs.putChunk(blob.chunk(index), owner);
    await blobs.collect([blob.sha256]);

    expect(await blobs.putChunk(aBlob(100).chunk(0), owner)).to.equal(true);
    expect(await blobs.find(blob.sha256)).to.equal(undefined);
  });

  it('error CAPACITY_DISK: refused before anything is written', async () => {
    freeBytes = 1024;

    const error = await expectError(blobs.putChunk(aBlob(2048).chunk(0), owner), 'CAPACITY_DISK');
    expect(error.details).to.include({ freeBytes: 1024, sizeBytes: 2048 });
    expect(await listFiles()).to.deep.equal([]);
  });

  it('behaviour: another account shares a stored blob when it shows a chunk of it', async () => {
    const other = await addAccount(store, 'acc_other00000');
    const blob = aBlob(100);
    await blobs.putChunk(blob.chunk(0), owner);

    await expectError(blobs.open(blob.sha256, other.accountId), 'NOT_FOUND_BLOB');
    expect(await blobs.missingChunks(blob.sha256, 100, other)).to.deep.equal([0]);
    await expectError(blobs.putChunk({ ...blob.chunk(0), bytes: randomBytes(100) }, other), 'INTEGRITY_HASH');
    await expectError(blobs.open(blob.sha256, other.accountId), 'NOT_FOUND_BLOB');
    expect(await blobs.putChunk(blob.chunk(0), other)).to.equal(true);
    expect((await blobs.open(blob.sha256, other.accountId)).sizeBytes).to.equal(100);
  });

  it('behaviour: the sweep takes what nobody refers to for an hour, and uploads left for a day', async () => {
    const stored = aBlob(10);
    const begun = aBlob(2 * CHUNK_BYTES);
    await blobs.putChunk(stored.chunk(0), owner);
    await blobs.putChunk(begun.chunk(0), owner);
    clock.advance(UNREFERENCED_TTL_MS - 1);
    await blobs.sweep();
    expect(await blobs.find(stored.sha256)).to.not.equal(undefined);

    clock.advance(1);
    await blobs.sweep();
    expect(await blobs.find(stored.sha256)).to.equal(undefined);
    expect(await blobs.missingChunks(begun.sha256, begun.sizeBytes, owner)).to.deep.equal([1]);

    clock.advance(UPLOAD_TTL_MS);
    await blobs.sweep();
    expect(await listFiles()).to.deep.equal([]);
  });

  it('behaviour: an upload that goes on is kept', async () => {
    const begun = aBlob(3 * CHUNK_BYTES);
    await blobs.putChunk(begun.chunk(0), owner);
    clock.advance(UPLOAD_TTL_MS - 1);
    await blobs.putChunk(begun.chunk(1), owner);
    clock.advance(1);

    await blobs.sweep();
    expect(await blobs.putChunk(begun.chunk(2), owner)).to.equal(true);
  });

  it('behaviour: files that the store does not know go at start', async () => {
    const blob = aBlob(10);
    await blobs.putChunk(blob.chunk(0), owner);
    const stray = sha256Of(Buffer.from('stray'));
    const files = createBlobFiles(directory.path);
    await files.writeChunk(stray, 0, Buffer.from('left over'));

    await blobs.recover();
    expect(await listFiles()).to.deep.equal([blob.sha256]);
  });

  it('behaviour: a kill after the blob was published, before the store knew, loses nothing', async () => {
    const blob = aBlob(10);
    await blobs.putChunk(blob.chunk(0), owner);
    for (const table of ['blobs', 'blob_copies'] as const) {
      await store.updateTable(table).set({ state: 'uploading' }).execute();
    }

    await blobs.recover();
    expect((await blobs.find(blob.sha256))?.sizeBytes).to.equal(10);
  });

  it('behaviour: a kill after the last chunk, before the check of the whole, asks for one chunk again', async () => {
    const blob = aBlob(2 * CHUNK_BYTES);
    await blobs.putChunk(blob.chunk(0), owner);
    await createBlobFiles(directory.path).writeChunk(blob.sha256, 1, blob.chunk(1).bytes);

    expect(await blobs.missingChunks(blob.sha256, blob.sizeBytes, owner)).to.deep.equal([1]);
    expect(await blobs.putChunk(blob.chunk(1), owner)).to.equal(true);
  });

  it('behaviour: a stored blob whose file was taken away has to be sent again', async () => {
    const blob = aBlob(10);
    await blobs.putChunk(blob.chunk(0), owner);
    await rm((await blobs.find(blob.sha256))?.path ?? '');

    expect(await blobs.find(blob.sha256)).to.equal(undefined);
    expect(await blobs.missingChunks(blob.sha256, 10, owner)).to.deep.equal([0]);
    expect(await blobs.putChunk(blob.chunk(0), owner)).to.equal(true);
  });

  it('error CAPACITY_DISK: the disk fills up while a chunk is written', async function () {
    const full = '/dev/full';
    const written = await writeFile(full, 'x').then(
      () => 'no such device',
      (error: NodeJS.ErrnoException) => error.code,
    );
    if (written !== 'ENOSPC') this.skip();
    const files = createBlobFiles(directory.path);
    const failing = createBlobs({
      store,
      files: { ...files, writeChunk: (_sha256, _index, bytes) => writeFile(full, bytes) },
      clock,
      self: SELF,
      log: silentLog,
      freeBytes: async () => freeBytes,
    });
    const { toRiosError } = await import('@rios/sdk/errors/error');
    const blob = aBlob(10);

    const error = await failing.putChunk(blob.chunk(0), owner).catch(toRiosError);
    expect(error).to.include({ code: 'CAPACITY_DISK' });
    expect(await blobs.find(blob.sha256)).to.equal(undefined);
    expect(await blobs.putChunk(blob.chunk(0), owner)).to.equal(true);
  });
});
