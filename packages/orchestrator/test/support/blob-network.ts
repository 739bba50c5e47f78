import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { systemClock } from '@rios/sdk/clock';
import { sha256Of } from '@rios/sdk/crypto/hash';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { createNetworkKey, issueCertificate } from '@rios/sdk/crypto/network';
import { silentLog } from '@rios/sdk/log';
import { parseManifest } from '@rios/sdk/model/bundle';
import type { Peer } from '@rios/sdk/p2p/peer';
import { CHUNK_BYTES } from '@rios/sdk/schema/manifest';
import { BLOB, ORCHESTRATOR } from '@rios/sdk/wire/methods';
import { createBlobPeers } from '../../src/p2p/blob-peers.ts';
import { createBlobHandlers } from '../../src/p2p/blob-server.ts';
import { CLOCK_SLACK_MS } from '../../src/p2p/clock-slack.ts';
import { createOrchestratorHandlers } from '../../src/p2p/orchestrator-server.ts';
import { type BlobFiles, createBlobFiles } from '../../src/services/blob-files.ts';
import { type BlobReplicator, createBlobReplicator } from '../../src/services/blob-replicator.ts';
import { type Blobs, createBlobs } from '../../src/services/blobs.ts';
import type { LiveOrchestrator } from '../../src/store/orchestrators.ts';
import type { Store } from '../../src/store/store.ts';
import { createMemoryPeers, type MemoryPeers } from '../p2p/memory-peers.ts';
import { createTempDirectory } from './temp-directory.ts';

/** Random bytes as a blob, cut into chunks. */
export function aBlob(sizeBytes: number) {
  const bytes = randomBytes(sizeBytes);
  const sha256 = sha256Of(bytes);
  const chunk = (index: number) => ({
    sha256,
    sizeBytes,
    index,
    bytes: bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
  });
  return { bytes, sha256, sizeBytes, count: Math.max(1, Math.ceil(sizeBytes / CHUNK_BYTES)), chunk };
}

/** One of several orchestrators, as far as blobs go. */
export interface BlobOrchestrator {
  readonly peerId: string;
  readonly peer: Peer;
  readonly blobs: Blobs;
  readonly replicator: BlobReplicator;
  readonly files: BlobFiles;
  freeBytes: number;
  /** Milliseconds that its own clock is ahead. */
  skewMs: number;
  listFiles(): Promise<string[]>;
  /** Its process dies; the others do not know yet. */
  kill(): Promise<void>;
  /** Its process starts again on the same disk, and the others know. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Orchestrators on one store, joined by links in memory. */
export interface BlobNetwork {
  readonly peers: MemoryPeers;
  readonly networkKey: ReturnType<typeof createNetworkKey>;
  /** Who is alive, as every directory says. */
  readonly live: Set<string>;
  /** The time of the store, moved forward. */
  ahead: number;
  add(seed: number, files?: (real: BlobFiles) => BlobFiles): Promise<BlobOrchestrator>;
  close(): Promise<void>;
}

export function createBlobNetwork(store: Store): BlobNetwork {
  const peers = createMemoryPeers();
  const networkKey = createNetworkKey(new Uint8Array(32).fill(99));
  const live = new Set<string>();
  const closers: (() => Promise<void>)[] = [];
  const list = (): LiveOrchestrator[] =>
    [...live].map((peerId) => ({ peerId, addresses: [], apiUrl: null, version: '', startedAt: 0 }));

  const network: BlobNetwork = {
    peers,
    networkKey,
    live,
    ahead: 0,
    add: async (seed, wrap = (real) => real) => {
      const directory = await createTempDirectory();
      const files = wrap(createBlobFiles(directory.path));
      const identity = createIdentity(new Uint8Array(32).fill(seed));
      const self = identity.peerId;
      const clock = { ...systemClock, now: () => Date.now() + one.skewMs };
      const start = async () => {
        const blobs = createBlobs({
          store,
          files,
          clock,
          log: silentLog,
          self,
          freeBytes: async () => one.freeBytes,
          now: async () => Date.now() + network.ahead,
        });
        await blobs.recover();
        const peer = peers.create(self);
        const known = { self, list, isOrchestrator: (id: string) => live.has(id) };
        const networkPublicKey = networkKey.publicKey;
        const serving = { store, blobs, clock, self, networkPublicKey, directory: known };
        const members = {
          accepts: () => true,
          isOrchestrator: known.isOrchestrator,
          isAssigned: async () => false,
        };
        await peer.serve(BLOB, createBlobHandlers({ ...serving, ...members }));
        await peer.serve(ORCHESTRATOR, createOrchestratorHandlers(serving));
        const certificate = () => issueCertificate(networkKey, self, clock.now() - CLOCK_SLACK_MS, 3_600_000);
        const { networkId } = networkKey;
        blobs.share(
          createBlobPeers({
            peer,
            directory: known,
            identity,
            networkId,
            certificate,
            store,
            parseManifest,
            clock,
          }),
        );
        live.add(self);
        return {
          peer,
          blobs,
          replicator: createBlobReplicator({ store, blobs, clock, log: silentLog, self }),
        };
      };
      const stop = async () => {
        live.delete(self);
        await running.replicator.stop();
        await running.peer.stop();
      };
      const one: BlobOrchestrator = {
        peerId: self,
        get peer() {
          return running.peer;
        },
        get blobs() {
          return running.blobs;
        },
        get replicator() {
          return running.replicator;
        },
        files,
        freeBytes: 1e12,
        skewMs: 0,
        listFiles: async () =>
          (await readdir(directory.path, { recursive: true, withFileTypes: true }))
            .filter((entry) => entry.isFile())
            .map((entry) => entry.name)
            .toSorted(),
        kill: async () => {
          await running.replicator.stop();
          await running.peer.stop();
        },
        restart: async () => {
          running = await start();
        },
        stop,
      };
      let running = await start();
      closers.push(async () => {
        await stop();
        await directory.remove();
      });
      return one;
    },
    close: async () => {
      for (const close of closers) await close();
    },
  };
  return network;
}
