import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { CHUNK_BYTES } from '@rios/sdk/schema/manifest';
import { expect } from 'chai';
import type { BlobOwner } from '../../src/services/blobs-port.ts';
import { sumOwnedBytes } from '../../src/store/blobs.ts';
import type { Store } from '../../src/store/store.ts';
import { aBlob, type BlobNetwork, type BlobOrchestrator } from '../support/blob-network.ts';
import { describeSharedBlobs, QUOTA } from '../support/blob-sharing.ts';
import { expectError } from '../support/expect-error.ts';
import { addAccount } from '../support/seed-store.ts';

describeSharedBlobs('blob uploads that several orchestrators take', (shared) => {
  let store: Store;
  let network: BlobNetwork;
  let a: BlobOrchestrator;
  let b: BlobOrchestrator;
  let owner: BlobOwner;
  beforeEach(() => {
    ({ store, network, a, b, owner } = shared);
  });

  it('default: an upload that a balancer spreads is put together at its home, and charged once', async () => {
    const blob = aBlob(4 * CHUNK_BYTES + 7);
    expect(await a.blobs.putChunk(blob.chunk(3), owner)).to.equal(false);
    expect(await b.blobs.putChunk(blob.chunk(0), owner)).to.equal(false);
    expect(await b.blobs.missingChunks(blob.sha256, blob.sizeBytes, owner)).to.deep.equal([1, 2, 4]);
    expect(await a.blobs.missingChunks(blob.sha256, blob.sizeBytes, owner)).to.deep.equal([1, 2, 4]);
    await b.blobs.putChunk(blob.chunk(4), owner);
    await a.blobs.putChunk(blob.chunk(1), owner);
    expect(await b.blobs.putChunk(blob.chunk(2), owner)).to.equal(true);

    await shared.expectCopyAt(a, blob);
    expect(await b.listFiles()).to.deep.equal([]);
    expect(await b.blobs.missingChunks(blob.sha256, blob.sizeBytes, owner)).to.deep.equal([]);
    expect(await sumOwnedBytes(store, owner.accountId)).to.equal(blob.sizeBytes);
  });

  it('behaviour: chunks of one blob that come to two at the same moment find one home', async () => {
    const blobs = [aBlob(4 * CHUNK_BYTES), aBlob(2 * CHUNK_BYTES), aBlob(CHUNK_BYTES + 1)];
    const sendAll = (first: BlobOrchestrator, second: BlobOrchestrator) =>
      blobs.flatMap((blob) =>
        Array.from({ length: blob.count }, (_, index) =>
          (index % 2 === 0 ? first : second).blobs.putChunk(blob.chunk(index), owner),
        ),
      );

    const once = await Promise.all(sendAll(a, b));
    expect(once.filter((complete) => complete)).to.have.length(blobs.length);
    await Promise.all([...sendAll(b, a), ...sendAll(a, b)]);

    for (const blob of blobs) {
      const copies = await shared.homesOf(blob);
      expect(copies.map(([, state]) => state)).to.deep.equal(['stored']);
      await shared.expectCopyAt(copies[0]?.[0] === a.peerId ? a : b, blob);
    }
    const total = blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    expect(await sumOwnedBytes(store, owner.accountId)).to.equal(total);
  });

  it('behaviour: who is charged already is not charged again when another becomes the home', async () => {
    const blob = aBlob(2 * CHUNK_BYTES);
    const exact = await addAccount(store, 'acc_exact00000', blob.sizeBytes);
    await a.blobs.putChunk(blob.chunk(0), exact);
    await a.stop();

    await b.blobs.putChunk(blob.chunk(0), exact);
    expect(await b.blobs.putChunk(blob.chunk(1), exact)).to.equal(true);
    expect(await sumOwnedBytes(store, exact.accountId)).to.equal(blob.sizeBytes);
  });

  it('behaviour: what a home kept from before it was given up does not count', async () => {
    const blob = aBlob(2 * CHUNK_BYTES);
    await b.blobs.putChunk({ ...blob.chunk(0), bytes: randomBytes(CHUNK_BYTES) }, owner);
    network.live.delete(b.peerId);
    await a.blobs.putChunk(blob.chunk(1), owner);
    network.live.delete(a.peerId);
    network.live.add(b.peerId);

    expect(await b.blobs.putChunk(blob.chunk(1), owner)).to.equal(false);
    expect(await b.blobs.missingChunks(blob.sha256, blob.sizeBytes, owner)).to.deep.equal([0]);
    expect(await b.blobs.putChunk(blob.chunk(0), owner)).to.equal(true);
  });

  it('error QUOTA_BLOBS: the quota counts at all of them together', async () => {
    await a.blobs.putChunk({ ...aBlob(CHUNK_BYTES).chunk(0), sizeBytes: QUOTA }, owner);

    await expectError(b.blobs.putChunk(aBlob(1).chunk(0), owner), 'QUOTA_BLOBS');
    const other = await addAccount(store, 'acc_other00000', 10);
    const shared = aBlob(2 * CHUNK_BYTES);
    await expectError(b.blobs.putChunk(shared.chunk(0), other), 'QUOTA_BLOBS');
  });

  it('error QUOTA_BLOBS: a chunk sent on is charged by what the store says, not the orchestrator that sent it', async () => {
    const small = await addAccount(store, 'acc_small00000', 10);
    const blob = aBlob(2 * CHUNK_BYTES);
    await a.blobs.putChunk(blob.chunk(0), owner);

    await expectError(b.blobs.putChunk(blob.chunk(1), { ...small, blobQuotaBytes: 1e12 }), 'QUOTA_BLOBS');
    expect(await a.blobs.missingChunks(blob.sha256, blob.sizeBytes, owner)).to.deep.equal([1]);
  });

  it('error CAPACITY_DISK: the disk of the home is full, before the upload and in its middle', async function () {
    const written = await writeFile('/dev/full', 'x').then(
      () => 'no such device',
      (error: NodeJS.ErrnoException) => error.code,
    );
    if (written !== 'ENOSPC') this.skip();
    let full = false;
    const c = await network.add(3, (real) => ({
      ...real,
      writeChunk: (sha256, index, bytes) =>
        full ? writeFile('/dev/full', bytes) : real.writeChunk(sha256, index, bytes),
    }));
    const blob = aBlob(3 * CHUNK_BYTES);
    c.freeBytes = 100;
    await expectError(c.blobs.putChunk(blob.chunk(0), owner), 'CAPACITY_DISK');
    c.freeBytes = 1e12;
    await c.blobs.putChunk(blob.chunk(0), owner);

    full = true;
    await expectError(b.blobs.putChunk(blob.chunk(1), owner), 'CAPACITY_DISK');
    full = false;
    expect(await b.blobs.missingChunks(blob.sha256, blob.sizeBytes, owner)).to.deep.equal([1, 2]);
    await b.blobs.putChunk(blob.chunk(1), owner);
    expect(await b.blobs.putChunk(blob.chunk(2), owner)).to.equal(true);
  });

  it('behaviour: the home killed in mid-upload: the upload begins anew where it goes on', async () => {
    const blob = aBlob(3 * CHUNK_BYTES);
    await a.blobs.putChunk(blob.chunk(0), owner);
    await a.blobs.putChunk(blob.chunk(1), owner);
    await a.stop();

    expect(await b.blobs.missingChunks(blob.sha256, blob.sizeBytes, owner)).to.deep.equal([0, 1, 2]);
    expect(await b.blobs.putChunk(blob.chunk(2), owner)).to.equal(false);
    await a.restart();
    expect(await a.listFiles(), 'the old home gave it up').to.deep.equal([]);
    expect(await a.blobs.missingChunks(blob.sha256, blob.sizeBytes, owner)).to.deep.equal([0, 1]);
    await a.blobs.putChunk(blob.chunk(0), owner);
    expect(await a.blobs.putChunk(blob.chunk(1), owner)).to.equal(true);
    await shared.expectCopyAt(b, blob);
    expect(await sumOwnedBytes(store, owner.accountId)).to.equal(blob.sizeBytes);
  });

  it('behaviour: a chunk waits while nobody knows yet that the home is dead', async () => {
    const blob = aBlob(2 * CHUNK_BYTES);
    await a.blobs.putChunk(blob.chunk(0), owner);
    await a.kill();

    const sent = b.blobs.putChunk(blob.chunk(1), owner);
    const early = await Promise.race([sent, new Promise((resolve) => setImmediate(resolve, 'waits'))]);
    network.live.delete(a.peerId);
    expect(early).to.equal('waits');
    expect(await sent).to.equal(false);
    expect(await b.blobs.missingChunks(blob.sha256, blob.sizeBytes, owner)).to.deep.equal([0]);
  });

  it('behaviour: a home that was restarted goes on with what it has', async () => {
    const blob = aBlob(2 * CHUNK_BYTES);
    await a.blobs.putChunk(blob.chunk(0), owner);
    await a.stop();
    await a.restart();

    expect(await b.blobs.missingChunks(blob.sha256, blob.sizeBytes, owner)).to.deep.equal([1]);
    expect(await b.blobs.putChunk(blob.chunk(1), owner)).to.equal(true);
  });

  it('behaviour: a home that stood still, and was given up, may still end the upload', async () => {
    const blob = aBlob(2 * CHUNK_BYTES);
    await a.blobs.putChunk(blob.chunk(0), owner);
    network.live.delete(a.peerId);
    await b.blobs.putChunk(blob.chunk(0), owner);
    expect(await shared.homesOf(blob)).to.deep.equal([[b.peerId, 'uploading']]);
    network.live.add(a.peerId);

    await a.blobs.putChunk(blob.chunk(1), owner);
    await shared.expectCopyAt(b, blob);
    await a.blobs.sweep();
    expect(await a.listFiles()).to.deep.equal([]);
  });

  it('behaviour: another account shares a blob that is elsewhere when it shows a chunk of it', async () => {
    const other = await addAccount(store, 'acc_other00000');
    const blob = aBlob(100);
    await shared.upload(a, blob);

    expect(await b.blobs.missingChunks(blob.sha256, 100, other)).to.deep.equal([0]);
    const wrong = { ...blob.chunk(0), bytes: randomBytes(100) };
    await expectError(b.blobs.putChunk(wrong, other), 'INTEGRITY_HASH');
    await expectError(b.blobs.open(blob.sha256, other.accountId), 'NOT_FOUND_BLOB');
    await expectError(
      b.blobs.putChunk(
        { ...blob.chunk(0), sizeBytes: 100 * CHUNK_BYTES, bytes: randomBytes(CHUNK_BYTES) },
        other,
      ),
      'INTEGRITY_HASH',
    );
    expect(await b.blobs.putChunk(blob.chunk(0), other)).to.equal(true);
    expect((await b.blobs.open(blob.sha256, other.accountId)).sizeBytes).to.equal(100);
  });

  it('error USER_INVALID_REQUEST: a blob too large to count its chunks', async () => {
    const sizeBytes = Number.MAX_SAFE_INTEGER;
    await expectError(a.blobs.missingChunks(aBlob(1).sha256, sizeBytes, owner), 'USER_INVALID_REQUEST');
  });

  it('error SERVICE_UNAVAILABLE: a home that lives and does not answer', async () => {
    const blob = aBlob(2 * CHUNK_BYTES);
    await a.blobs.putChunk(blob.chunk(0), owner);
    await a.kill();
    const sent = b.blobs.putChunk(blob.chunk(1), owner).catch((error: Error) => error);
    b.skewMs = 60_000;

    expect(await sent).to.include({ code: 'SERVICE_UNAVAILABLE' });
  });
});
