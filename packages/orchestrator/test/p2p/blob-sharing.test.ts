import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { sha256Of } from '@rios/sdk/crypto/hash';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { createNetworkKey, issueCertificate } from '@rios/sdk/crypto/network';
import { issueTicket } from '@rios/sdk/crypto/ticket';
import { CHUNK_BYTES, chunkLength, type Manifest } from '@rios/sdk/schema/manifest';
import { BLOB, Method, ORCHESTRATOR } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { expect } from 'chai';
import { aModel } from '../../../../test/contract-suites/store-builders.ts';
import { describeWithServer } from '../../../../test/contract-suites/with-server.ts';
import { UNREFERENCED_TTL_MS } from '../../src/services/blobs.ts';
import type { BlobOwner } from '../../src/services/blobs-port.ts';
import { createModels } from '../../src/services/models.ts';
import { listCopies } from '../../src/store/blob-copies.ts';
import { getBlob, sumOwnedBytes } from '../../src/store/blobs.ts';
import { listEvents } from '../../src/store/events.ts';
import { deleteModel, insertModel } from '../../src/store/models.ts';
import { createStore, type Store } from '../../src/store/store.ts';
import {
  aBlob,
  type BlobNetwork,
  type BlobOrchestrator,
  createBlobNetwork,
} from '../support/blob-network.ts';
import { expectError } from '../support/expect-error.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres-database.ts';
import { addAccount, openMemoryStore } from '../support/seed-store.ts';
import { buildSmallModel } from './small-model.ts';

const QUOTA = 40 * 1024 * 1024;

function blobSharing(openStore: () => Promise<Store>): void {
  let store: Store;
  let network: BlobNetwork;
  let a: BlobOrchestrator;
  let b: BlobOrchestrator;
  let owner: BlobOwner;
  beforeEach(async () => {
    store = await openStore();
    owner = await addAccount(store, 'acc_owner00000', QUOTA);
    network = createBlobNetwork(store);
    a = await network.add(1);
    b = await network.add(2);
  });
  afterEach(async () => {
    await network.close();
    await store.destroy();
  });

  type Blob = ReturnType<typeof aBlob>;
  const upload = async (to: BlobOrchestrator, blob: Blob, from = owner) => {
    for (let index = 0; index < blob.count; index++) await to.blobs.putChunk(blob.chunk(index), from);
  };
  const bytesAt = async ({ blobs }: BlobOrchestrator, { sha256 }: Blob) => {
    const found = await blobs.findHere(sha256);
    return found === undefined ? undefined : await readFile(found.path);
  };
  const expectCopyAt = async (at: BlobOrchestrator, blob: Blob) =>
    expect((await bytesAt(at, blob))?.equals(blob.bytes), `copy at ${at.peerId}`).to.equal(true);
  const register = (name: string, blobs: readonly Blob[], manifest: Uint8Array = Buffer.from('{}')) =>
    insertModel(
      store,
      aModel({ name, modelHash: sha256Of(manifest), accountId: owner.accountId }),
      manifest,
      blobs.map(({ sha256 }) => sha256),
    );
  const homesOf = async ({ sha256 }: Blob) =>
    (await listCopies(store, sha256)).map(({ orchestrator, state }) => [orchestrator, state]);

  it('default: an upload that a balancer spreads is put together at its home, and charged once', async () => {
    const blob = aBlob(4 * CHUNK_BYTES + 7);
    expect(await a.blobs.putChunk(blob.chunk(3), owner)).to.equal(false);
    expect(await b.blobs.putChunk(blob.chunk(0), owner)).to.equal(false);
    expect(await b.blobs.missingChunks(blob.sha256, blob.sizeBytes, owner)).to.deep.equal([1, 2, 4]);
    expect(await a.blobs.missingChunks(blob.sha256, blob.sizeBytes, owner)).to.deep.equal([1, 2, 4]);
    await b.blobs.putChunk(blob.chunk(4), owner);
    await a.blobs.putChunk(blob.chunk(1), owner);
    expect(await b.blobs.putChunk(blob.chunk(2), owner)).to.equal(true);

    await expectCopyAt(a, blob);
    expect(await b.listFiles()).to.deep.equal([]);
    expect(await b.blobs.missingChunks(blob.sha256, blob.sizeBytes, owner)).to.deep.equal([]);
    expect(await sumOwnedBytes(store, owner.accountId)).to.equal(blob.sizeBytes);
  });

  it('behaviour: chunks of one blob that come to two at the same moment find one home', async () => {
    const blobs = [aBlob(3 * CHUNK_BYTES), aBlob(2 * CHUNK_BYTES + 1), aBlob(CHUNK_BYTES + 1)];
    await Promise.all(
      blobs.flatMap((blob) =>
        Array.from({ length: blob.count }, (_, index) => index).flatMap((index) => [
          a.blobs.putChunk(blob.chunk(index), owner),
          b.blobs.putChunk(blob.chunk(index), owner),
        ]),
      ),
    );

    for (const blob of blobs) {
      const copies = await homesOf(blob);
      expect(copies.map(([, state]) => state)).to.deep.equal(['stored']);
      await expectCopyAt(copies[0]?.[0] === a.peerId ? a : b, blob);
    }
    const total = blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    expect(await sumOwnedBytes(store, owner.accountId)).to.equal(total);
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
    await expectCopyAt(b, blob);
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
    expect(await homesOf(blob)).to.deep.equal([[b.peerId, 'uploading']]);
    network.live.add(a.peerId);

    await a.blobs.putChunk(blob.chunk(1), owner);
    await expectCopyAt(b, blob);
    await a.blobs.sweep();
    expect(await a.listFiles()).to.deep.equal([]);
  });

  it('behaviour: what is asked for where it is not is brought, whole and checked', async () => {
    const blobs = [aBlob(0), aBlob(100), aBlob(3 * CHUNK_BYTES + 5)];
    for (const blob of blobs) await upload(a, blob);

    for (const blob of blobs) {
      const found = await Promise.all([b.blobs.find(blob.sha256), b.blobs.find(blob.sha256)]);
      expect(found.map((one) => one?.sizeBytes)).to.deep.equal([blob.sizeBytes, blob.sizeBytes]);
      await expectCopyAt(b, blob);
      const opened = await b.blobs.open(blob.sha256, owner.accountId);
      const read = Buffer.concat(await opened.read(0, blob.sizeBytes).toArray());
      expect(read.equals(blob.bytes)).to.equal(true);
    }
    expect(await b.listFiles()).to.deep.equal(blobs.map(({ sha256 }) => sha256).toSorted());
    await expectError(b.blobs.open(aBlob(1).sha256, owner.accountId), 'NOT_FOUND_BLOB');
  });

  it('behaviour: another account shares a blob that is elsewhere when it shows a chunk of it', async () => {
    const other = await addAccount(store, 'acc_other00000');
    const blob = aBlob(100);
    await upload(a, blob);

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

  it('behaviour: wrong bytes of one orchestrator are refused, and another is asked', async () => {
    const c = await network.add(3);
    const shard = aBlob(2 * CHUNK_BYTES + 3);
    const loose = aBlob(2 * CHUNK_BYTES + 3);
    const small = aBlob(10);
    for (const blob of [shard, loose, small]) {
      await upload(a, blob);
      await b.blobs.bring(blob.sha256);
      await writeFile(a.files.pathOf(blob.sha256), randomBytes(blob.sizeBytes));
    }
    const manifest = manifestWith(shard);
    await register('m', [shard], manifest);

    for (const blob of [shard, loose, small]) {
      await c.blobs.bring(blob.sha256);
      await expectCopyAt(c, blob);
    }
  });

  it('error INTEGRITY_HASH: wrong bytes alone never become visible', async () => {
    const c = await network.add(3);
    const blob = aBlob(2 * CHUNK_BYTES);
    await upload(a, blob);
    await writeFile(a.files.pathOf(blob.sha256), randomBytes(blob.sizeBytes));

    await expectError(c.blobs.find(blob.sha256), 'INTEGRITY_HASH');
    expect(await c.blobs.findHere(blob.sha256)).to.equal(undefined);
    expect(await c.listFiles()).to.deep.equal([]);
  });

  it('behaviour: a manifest that lies about chunks does not keep the right file away', async () => {
    const shard = aBlob(2 * CHUNK_BYTES);
    await upload(a, shard);
    await register('m', [shard], manifestWith(shard, aBlob(2 * CHUNK_BYTES)));

    await b.blobs.bring(shard.sha256);
    await expectCopyAt(b, shard);
    expect(await b.listFiles()).to.deep.equal([shard.sha256]);
  });

  it('behaviour: the replicator brings every blob of a model, and nothing else', async () => {
    const files = [aBlob(CHUNK_BYTES + 1), aBlob(20), aBlob(0)];
    const loose = aBlob(30);
    for (const blob of [...files, loose]) await upload(a, blob);
    await b.replicator.look();
    expect(await b.listFiles()).to.deep.equal([]);
    await register('m', files);

    await b.replicator.look();
    expect(await b.listFiles()).to.deep.equal(files.map(({ sha256 }) => sha256).toSorted());
    await a.stop();
    for (const blob of files) expect(await b.blobs.find(blob.sha256)).to.not.equal(undefined);
    expect(await b.blobs.find(loose.sha256)).to.equal(undefined);
  });

  it('behaviour: a full disk pauses the replicator, is told once, and ends', async () => {
    const files = [aBlob(10), aBlob(20)];
    for (const blob of files) await upload(a, blob);
    await register('m', files);
    b.freeBytes = 1000;
    const told = async () =>
      (await listEvents(store, 100)).filter(({ kind }) => kind === 'orchestrator.full');

    for (let look = 0; look < 3; look++) await b.replicator.look();
    expect((await told()).map(({ subject }) => subject)).to.deep.equal([b.peerId]);
    expect(await b.listFiles()).to.deep.equal([]);
    b.freeBytes = 1e12;
    await b.replicator.look();
    for (const blob of files) await expectCopyAt(b, blob);
    expect(await told()).to.have.length(1);

    const later = aBlob(40);
    await upload(a, later);
    await register('n', [later]);
    b.freeBytes = 1000;
    await b.replicator.look();
    expect(await told()).to.have.length(2);
  });

  it('behaviour: what is removed at one goes at the others with their next sweep', async () => {
    const file = aBlob(CHUNK_BYTES + 1);
    await upload(a, file);
    await register('m', [file]);
    await b.replicator.look();
    await expectCopyAt(b, file);

    await deleteModel(store, 'm');
    await a.blobs.collect([file.sha256]);
    expect(await b.blobs.find(file.sha256)).to.equal(undefined);
    await b.blobs.sweep();
    expect([...(await a.listFiles()), ...(await b.listFiles())]).to.deep.equal([]);
    expect(await sumOwnedBytes(store, owner.accountId)).to.equal(0);
  });

  it('behaviour: whoever sweeps, a blob that nobody refers to goes once, by the time of the store', async () => {
    const blob = aBlob(10);
    await upload(a, blob);
    b.skewMs = 10 * UNREFERENCED_TTL_MS;
    await b.blobs.sweep();
    await expectCopyAt(a, blob);

    network.ahead = UNREFERENCED_TTL_MS + 1;
    await Promise.all([a.blobs.sweep(), b.blobs.sweep()]);
    await a.blobs.sweep();
    expect(await getBlob(store, blob.sha256)).to.equal(undefined);
    expect(await a.listFiles()).to.deep.equal([]);
  });

  it('behaviour: copies of an orchestrator that is gone do not count', async () => {
    const file = aBlob(2 * CHUNK_BYTES);
    await upload(a, file);
    await a.stop();

    expect(await b.blobs.find(file.sha256)).to.equal(undefined);
    expect(await b.blobs.missingChunks(file.sha256, file.sizeBytes, owner)).to.deep.equal([0, 1]);
    await upload(b, file);
    await expectCopyAt(b, file);
    await a.restart();
    await expectCopyAt(a, file);
    expect(await sumOwnedBytes(store, owner.accountId)).to.equal(file.sizeBytes);
  });

  it('error NOT_FOUND_BLOB: a model is registered only with files that a live orchestrator has', async () => {
    const { manifestBytes, files } = buildSmallModel();
    for (const bytes of files) await a.blobs.put(bytes, owner);
    const modules = {
      store,
      clock: { now: () => 1, after: () => () => {} },
      evaluationKey: String,
      wake: () => {},
    };
    const { parseManifest } = await import('@rios/sdk/model/bundle');
    const models = createModels({ ...modules, blobs: b.blobs, parseManifest });
    await a.stop();
    await expectError(models.register('small', manifestBytes, owner), 'NOT_FOUND_BLOB');

    await a.restart();
    expect((await models.register('small', manifestBytes, owner)).state).to.equal('stored');
  });

  it('behaviour: a file that is missing at one is there for the others, and brought again', async () => {
    const file = aBlob(10);
    await upload(a, file);
    await b.blobs.bring(file.sha256);
    await rm(b.files.pathOf(file.sha256));

    expect(await b.blobs.findHere(file.sha256)).to.equal(undefined);
    expect((await getBlob(store, file.sha256))?.state).to.equal('stored');
    expect(await a.blobs.missingChunks(file.sha256, 10, owner)).to.deep.equal([]);
    expect((await b.blobs.find(file.sha256))?.sizeBytes).to.equal(10);
  });

  it('behaviour: one that has just started waits until the others know it', async () => {
    const file = aBlob(10);
    await upload(a, file);
    network.live.delete(b.peerId);

    const bringing = b.blobs.find(file.sha256);
    const early = await Promise.race([bringing, new Promise((resolve) => setTimeout(resolve, 50, 'waits'))]);
    network.live.add(b.peerId);
    expect(early).to.equal('waits');
    expect((await bringing)?.sizeBytes).to.equal(10);
  });

  it('error PEER_TIMEOUT: what takes long to come is not waited for, and comes', async () => {
    const file = aBlob(10);
    await upload(a, file);
    network.live.delete(b.peerId);

    await expectError(b.blobs.find(file.sha256, 20), 'PEER_TIMEOUT');
    network.live.add(b.peerId);
    expect((await b.blobs.bring(file.sha256))?.sizeBytes).to.equal(10);
  });

  it('behaviour: stopping ends what is being brought; the next start goes on', async () => {
    const file = aBlob(4 * CHUNK_BYTES);
    await upload(a, file);
    await register('m', [file], manifestWith(file));

    const bringing = b.blobs.bring(file.sha256).then(
      () => 'brought',
      (error: Error) => (error as Error & { code?: string }).code,
    );
    await b.blobs.stop();
    expect(await bringing).to.be.oneOf(['brought', 'USER_INTERRUPTED']);
    await b.stop();
    await b.restart();
    await b.replicator.look();
    await expectCopyAt(b, file);
  });

  it('behaviour: clocks of orchestrators that differ by minutes change nothing', async () => {
    for (const skewMs of [-300_000, 300_000]) {
      b.skewMs = skewMs;
      const blob = aBlob(2 * CHUNK_BYTES);
      await a.blobs.putChunk(blob.chunk(0), owner);
      expect(await b.blobs.putChunk(blob.chunk(1), owner)).to.equal(true);
      await b.blobs.bring(blob.sha256);
      await expectCopyAt(b, blob);
    }
  });

  it('error AUTH_*: no stranger, member or foreign orchestrator writes or reads', async () => {
    const blob = aBlob(10);
    await upload(a, blob);
    const mallory = createIdentity(new Uint8Array(32).fill(66));
    const peer = network.peers.create(mallory.peerId);
    const to = { peerId: a.peerId, addresses: [] };
    const now = Date.now();
    const foreign = createNetworkKey(new Uint8Array(32).fill(67));
    const certificates = {
      own: issueCertificate(network.networkKey, a.peerId, now, 60_000),
      foreign: issueCertificate(foreign, mallory.peerId, now, 60_000),
      // one that was an orchestrator, and is not among the live ones
      former: issueCertificate(network.networkKey, mallory.peerId, now, 60_000),
    };
    const orchestrators = await peer.connect(to, ORCHESTRATOR);
    const chunks = await peer.connect(to, BLOB);
    const accountId = owner.accountId;
    for (const [name, certificate] of Object.entries(certificates)) {
      const chunk = { certificate, accountId, sha256: blob.sha256, sizeBytes: 10, index: 0 };
      const put = orchestrators.request(Method.putChunk, payload(chunk, blob.bytes), { deadlineMs: 5_000 });
      const refused = name === 'foreign' ? 'INTEGRITY_SIGNATURE' : 'AUTH_PEER_UNKNOWN';
      await expectError(put, refused);
      const ticket = issueTicket(
        mallory,
        certificate,
        {
          networkId: network.networkKey.networkId,
          purpose: 'fetch',
          holder: mallory.peerId,
          audience: null,
          requestId: 'fetch_0000000000',
          modelHash: blob.sha256,
          parts: [],
          maxUnits: 0,
          expiresAt: now + 60_000,
        },
        now,
      );
      const ask = { modelHash: blob.sha256, sha256: blob.sha256, index: 0, ticket };
      const read = chunks.request(Method.chunk, payload(ask), { deadlineMs: 5_000 });
      await expectError(read, name === 'former' ? 'AUTH_FORBIDDEN' : 'AUTH_TICKET_INVALID');
    }
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
}

/** The manifest of a small model in which one file is this blob, with the chunks of that one. */
function manifestWith(blob: ReturnType<typeof aBlob>, chunksOf = blob) {
  const { manifest } = buildSmallModel();
  const chunks = Array.from({ length: chunksOf.count }, (_, index) =>
    sha256Of(
      chunksOf.bytes.subarray(index * CHUNK_BYTES, index * CHUNK_BYTES + chunkLength(chunksOf, index)),
    ),
  );
  const last = manifest.files.length - 1;
  const files: Manifest['files'] = manifest.files.map((file, index) =>
    index === last ? { ...file, sizeBytes: blob.sizeBytes, sha256: blob.sha256, chunks } : file,
  );
  return Buffer.from(JSON.stringify({ ...manifest, files }));
}

describe('blob sharing on sqlite', () => blobSharing(openMemoryStore));

describeWithServer('PostgreSQL', (serverUrl) => {
  describe('blob sharing on postgres', () => {
    let database: TestDatabase | undefined;
    after(() => database?.drop());

    blobSharing(async () => {
      database ??= await createTestDatabase(serverUrl);
      const store = await createStore({ url: database.url });
      await database.clear();
      return store;
    });
  });
});
