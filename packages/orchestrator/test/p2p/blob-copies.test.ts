import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { createNetworkKey, issueCertificate } from '@rios/sdk/crypto/network';
import { issueTicket } from '@rios/sdk/crypto/ticket';
import { CHUNK_BYTES } from '@rios/sdk/schema/manifest';
import { BLOB, Method, ORCHESTRATOR } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { expect } from 'chai';
import { UNREFERENCED_TTL_MS } from '../../src/services/blobs.ts';
import type { BlobOwner } from '../../src/services/blobs-port.ts';
import { createModels } from '../../src/services/models.ts';
import { getBlob, sumOwnedBytes } from '../../src/store/blobs.ts';
import { listEvents } from '../../src/store/events.ts';
import { deleteModel } from '../../src/store/models.ts';
import type { Store } from '../../src/store/store.ts';
import { aBlob, type BlobNetwork, type BlobOrchestrator } from '../support/blob-network.ts';
import { describeSharedBlobs, manifestWith } from '../support/blob-sharing.ts';
import { expectError } from '../support/expect-error.ts';
import { buildSmallModel } from './small-model.ts';

describeSharedBlobs('copies of blobs at several orchestrators', (shared) => {
  let store: Store;
  let network: BlobNetwork;
  let a: BlobOrchestrator;
  let b: BlobOrchestrator;
  let owner: BlobOwner;
  beforeEach(() => {
    ({ store, network, a, b, owner } = shared);
  });

  it('default: what is asked for where it is not is brought, whole and checked', async () => {
    const blobs = [aBlob(0), aBlob(100), aBlob(3 * CHUNK_BYTES + 5)];
    for (const blob of blobs) await shared.upload(a, blob);

    for (const blob of blobs) {
      const found = await Promise.all([b.blobs.find(blob.sha256), b.blobs.find(blob.sha256)]);
      expect(found.map((one) => one?.sizeBytes)).to.deep.equal([blob.sizeBytes, blob.sizeBytes]);
      await shared.expectCopyAt(b, blob);
      const opened = await b.blobs.open(blob.sha256, owner.accountId);
      const read = Buffer.concat(await opened.read(0, blob.sizeBytes).toArray());
      expect(read.equals(blob.bytes)).to.equal(true);
    }
    expect(await b.listFiles()).to.deep.equal(blobs.map(({ sha256 }) => sha256).toSorted());
    await expectError(b.blobs.open(aBlob(1).sha256, owner.accountId), 'NOT_FOUND_BLOB');
  });

  it('behaviour: wrong bytes of one orchestrator are refused, and another is asked', async () => {
    const c = await network.add(3);
    const shard = aBlob(2 * CHUNK_BYTES + 3);
    const loose = aBlob(2 * CHUNK_BYTES + 3);
    const small = aBlob(10);
    for (const blob of [shard, loose, small]) {
      await shared.upload(a, blob);
      await b.blobs.bring(blob.sha256);
      await writeFile(a.files.pathOf(blob.sha256), randomBytes(blob.sizeBytes));
    }
    const manifest = manifestWith(shard);
    await shared.register('m', [shard], manifest);

    for (const blob of [shard, loose, small]) {
      await c.blobs.bring(blob.sha256);
      await shared.expectCopyAt(c, blob);
    }
  });

  it('error INTEGRITY_HASH: wrong bytes alone never become visible', async () => {
    const c = await network.add(3);
    const blob = aBlob(2 * CHUNK_BYTES);
    await shared.upload(a, blob);
    await writeFile(a.files.pathOf(blob.sha256), randomBytes(blob.sizeBytes));

    await expectError(c.blobs.find(blob.sha256), 'INTEGRITY_HASH');
    expect(await c.blobs.findHere(blob.sha256)).to.equal(undefined);
    expect(await c.listFiles()).to.deep.equal([]);
  });

  it('error INTEGRITY_HASH: what a killed fetch left is checked too, and then fetched anew', async () => {
    const blob = aBlob(10);
    await shared.upload(a, blob);
    const left = b.files.copyPathOf(blob.sha256);
    await mkdir(dirname(left), { recursive: true });
    await writeFile(left, randomBytes(10));

    await expectError(b.blobs.bring(blob.sha256), 'INTEGRITY_HASH');
    await b.blobs.bring(blob.sha256);
    await shared.expectCopyAt(b, blob);
  });

  it('behaviour: a manifest that lies about chunks does not keep the right file away', async () => {
    const shard = aBlob(2 * CHUNK_BYTES);
    await shared.upload(a, shard);
    await shared.register('m', [shard], manifestWith(shard, aBlob(2 * CHUNK_BYTES)));

    await b.blobs.bring(shard.sha256);
    await shared.expectCopyAt(b, shard);
    expect(await b.listFiles()).to.deep.equal([shard.sha256]);
  });

  it('behaviour: the replicator brings every blob of a model, and nothing else', async () => {
    const files = [aBlob(CHUNK_BYTES + 1), aBlob(20), aBlob(0)];
    const loose = aBlob(30);
    for (const blob of [...files, loose]) await shared.upload(a, blob);
    await b.replicator.look();
    expect(await b.listFiles()).to.deep.equal([]);
    await shared.register('m', files);

    await b.replicator.look();
    expect(await b.listFiles()).to.deep.equal(files.map(({ sha256 }) => sha256).toSorted());
    await a.stop();
    for (const blob of files) expect(await b.blobs.find(blob.sha256)).to.not.equal(undefined);
    expect(await b.blobs.find(loose.sha256)).to.equal(undefined);
  });

  it('behaviour: a full disk pauses the replicator, is told once, and ends', async () => {
    const files = [aBlob(10), aBlob(20)];
    for (const blob of files) await shared.upload(a, blob);
    await shared.register('m', files);
    b.freeBytes = 1000;
    const told = async () =>
      (await listEvents(store, 100)).filter(({ kind }) => kind === 'orchestrator.full');

    for (let look = 0; look < 3; look++) await b.replicator.look();
    expect((await told()).map(({ subject }) => subject)).to.deep.equal([b.peerId]);
    expect(await b.listFiles()).to.deep.equal([]);
    b.freeBytes = 1e12;
    await b.replicator.look();
    for (const blob of files) await shared.expectCopyAt(b, blob);
    expect(await told()).to.have.length(1);

    const later = aBlob(40);
    await shared.upload(a, later);
    await shared.register('n', [later]);
    b.freeBytes = 1000;
    await b.replicator.look();
    expect(await told()).to.have.length(2);
  });

  it('behaviour: what is removed at one goes at the others with their next sweep', async () => {
    const file = aBlob(CHUNK_BYTES + 1);
    await shared.upload(a, file);
    await shared.register('m', [file]);
    await b.replicator.look();
    await shared.expectCopyAt(b, file);

    await deleteModel(store, 'm');
    await a.blobs.collect([file.sha256]);
    expect(await b.blobs.find(file.sha256)).to.equal(undefined);
    await b.blobs.sweep();
    expect([...(await a.listFiles()), ...(await b.listFiles())]).to.deep.equal([]);
    expect(await sumOwnedBytes(store, owner.accountId)).to.equal(0);
  });

  it('behaviour: whoever sweeps, a blob that nobody refers to goes once, by the time of the store', async () => {
    const blob = aBlob(10);
    await shared.upload(a, blob);
    b.skewMs = 10 * UNREFERENCED_TTL_MS;
    await b.blobs.sweep();
    await shared.expectCopyAt(a, blob);

    network.ahead = UNREFERENCED_TTL_MS + 1;
    await Promise.all([a.blobs.sweep(), b.blobs.sweep()]);
    await a.blobs.sweep();
    expect(await getBlob(store, blob.sha256)).to.equal(undefined);
    expect(await a.listFiles()).to.deep.equal([]);
  });

  it('behaviour: copies of an orchestrator that is gone do not count', async () => {
    const file = aBlob(2 * CHUNK_BYTES);
    await shared.upload(a, file);
    await a.stop();

    expect(await b.blobs.find(file.sha256)).to.equal(undefined);
    expect(await b.blobs.missingChunks(file.sha256, file.sizeBytes, owner)).to.deep.equal([0, 1]);
    await shared.upload(b, file);
    await shared.expectCopyAt(b, file);
    await a.restart();
    await shared.expectCopyAt(a, file);
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
    await shared.upload(a, file);
    await b.blobs.bring(file.sha256);
    await rm(b.files.pathOf(file.sha256));

    expect(await b.blobs.findHere(file.sha256)).to.equal(undefined);
    expect((await getBlob(store, file.sha256))?.state).to.equal('stored');
    expect(await a.blobs.missingChunks(file.sha256, 10, owner)).to.deep.equal([]);
    expect((await b.blobs.find(file.sha256))?.sizeBytes).to.equal(10);
  });

  it('behaviour: one that has just started waits until the others know it', async () => {
    const file = aBlob(10);
    await shared.upload(a, file);
    network.live.delete(b.peerId);

    const bringing = b.blobs.find(file.sha256);
    const early = await Promise.race([bringing, new Promise((resolve) => setTimeout(resolve, 50, 'waits'))]);
    network.live.add(b.peerId);
    expect(early).to.equal('waits');
    expect((await bringing)?.sizeBytes).to.equal(10);
  });

  it('error PEER_TIMEOUT: what takes long to come is not waited for, and comes', async () => {
    const file = aBlob(10);
    await shared.upload(a, file);
    network.live.delete(b.peerId);

    await expectError(b.blobs.find(file.sha256, 20), 'PEER_TIMEOUT');
    network.live.add(b.peerId);
    expect((await b.blobs.bring(file.sha256))?.sizeBytes).to.equal(10);
  });

  it('behaviour: stopping ends what is being brought; the next start goes on', async () => {
    const file = aBlob(4 * CHUNK_BYTES);
    await shared.upload(a, file);
    await shared.register('m', [file], manifestWith(file));

    const bringing = b.blobs.bring(file.sha256).then(
      () => 'brought',
      (error: Error) => (error as Error & { code?: string }).code,
    );
    await b.blobs.stop();
    expect(await bringing).to.be.oneOf(['brought', 'USER_INTERRUPTED']);
    await b.stop();
    await b.restart();
    await b.replicator.look();
    await shared.expectCopyAt(b, file);
  });

  it('behaviour: clocks of orchestrators that differ by minutes change nothing', async () => {
    for (const skewMs of [-300_000, 300_000]) {
      b.skewMs = skewMs;
      const blob = aBlob(2 * CHUNK_BYTES);
      await a.blobs.putChunk(blob.chunk(0), owner);
      expect(await b.blobs.putChunk(blob.chunk(1), owner)).to.equal(true);
      await b.blobs.bring(blob.sha256);
      await shared.expectCopyAt(b, blob);
    }
  });

  it('error AUTH_*: no stranger, member or foreign orchestrator writes or reads', async () => {
    const blob = aBlob(10);
    await shared.upload(a, blob);
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
});
