import { readFile } from 'node:fs/promises';
import { sha256Of } from '@rios/sdk/crypto/hash';
import { CHUNK_BYTES, chunkLength, type Manifest } from '@rios/sdk/schema/manifest';
import { expect } from 'chai';
import { aModel } from '../../../../test/contract-suites/store-builders.ts';
import { describeWithServer } from '../../../../test/contract-suites/with-server.ts';
import type { BlobOwner } from '../../src/services/blobs-port.ts';
import { listCopies } from '../../src/store/blob-copies.ts';
import { insertModel } from '../../src/store/models.ts';
import { createStore, type Store } from '../../src/store/store.ts';
import { buildSmallModel } from '../p2p/small-model.ts';
import { type aBlob, type BlobNetwork, type BlobOrchestrator, createBlobNetwork } from './blob-network.ts';
import { createTestDatabase, type TestDatabase } from './postgres-database.ts';
import { addAccount, openMemoryStore } from './seed-store.ts';

export const QUOTA = 40 * 1024 * 1024;

type Blob = ReturnType<typeof aBlob>;

/** Two orchestrators on one store, and an account that uploads. */
export interface SharedBlobs {
  readonly store: Store;
  readonly network: BlobNetwork;
  readonly a: BlobOrchestrator;
  readonly b: BlobOrchestrator;
  readonly owner: BlobOwner;
  /** Sends all chunks there. */
  upload(to: BlobOrchestrator, blob: Blob): Promise<void>;
  expectCopyAt(at: BlobOrchestrator, blob: Blob): Promise<void>;
  /** A model with these files. */
  register(name: string, blobs: readonly Blob[], manifest?: Uint8Array): Promise<void>;
  /** [orchestrator, state] of each copy. */
  homesOf(blob: Blob): Promise<string[][]>;
}

/** Describes it on SQLite, and on PostgreSQL where there is one; `shared` is new for each test. */
export function describeSharedBlobs(title: string, define: (shared: SharedBlobs) => void): void {
  describe(`${title} on sqlite`, () => define(openEach(openMemoryStore)));
  describeWithServer('PostgreSQL', (serverUrl) => {
    describe(`${title} on postgres`, () => {
      let database: TestDatabase | undefined;
      after(() => database?.drop());
      const openStore = async () => {
        database ??= await createTestDatabase(serverUrl);
        const store = await createStore({ url: database.url });
        await database.clear();
        return store;
      };
      define(openEach(openStore));
    });
  });
}

/** Opens all before each test, and closes it after; what is returned leads to what is open. */
function openEach(openStore: () => Promise<Store>): SharedBlobs {
  let open: Pick<SharedBlobs, 'store' | 'network' | 'a' | 'b' | 'owner'> | undefined;
  const now = () => {
    if (open === undefined) throw new Error('nothing is open outside a test');
    return open;
  };
  beforeEach(async () => {
    const store = await openStore();
    const owner = await addAccount(store, 'acc_owner00000', QUOTA);
    const network = createBlobNetwork(store);
    open = { store, owner, network, a: await network.add(1), b: await network.add(2) };
  });
  afterEach(async () => {
    await now().network.close();
    await now().store.destroy();
  });
  return {
    get store() {
      return now().store;
    },
    get network() {
      return now().network;
    },
    get a() {
      return now().a;
    },
    get b() {
      return now().b;
    },
    get owner() {
      return now().owner;
    },
    upload: async ({ blobs }, blob) => {
      for (let index = 0; index < blob.count; index++) await blobs.putChunk(blob.chunk(index), now().owner);
    },
    expectCopyAt: async ({ blobs, peerId }, { sha256, bytes }) => {
      const found = await blobs.findHere(sha256);
      const actual = found === undefined ? undefined : await readFile(found.path);
      expect(actual?.equals(bytes), `copy at ${peerId}`).to.equal(true);
    },
    register: async (name, blobs, manifest = Buffer.from('{}')) => {
      const model = aModel({ name, modelHash: sha256Of(manifest), accountId: now().owner.accountId });
      const files = blobs.map(({ sha256 }) => sha256);
      await insertModel(now().store, model, manifest, files);
    },
    homesOf: async ({ sha256 }) =>
      (await listCopies(now().store, sha256)).map(({ orchestrator, state }) => [orchestrator, state]),
  };
}

/** The manifest of a small model in which one file is this blob, with the chunks of that one. */
export function manifestWith(blob: Blob, chunksOf = blob) {
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
