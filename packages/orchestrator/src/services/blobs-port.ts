import type { Readable } from 'node:stream';
import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { Store } from '../store/store.ts';
import type { BlobFiles } from './blob-files.ts';
import type { BlobPeers } from './blob-peers-port.ts';

/** Whose quota a blob is charged to. */
export interface BlobOwner {
  readonly accountId: string;
  readonly blobQuotaBytes: number;
}

/** Which blob, and how long the whole is. */
export interface BlobSize {
  readonly sha256: string;
  readonly sizeBytes: number;
}

export interface ChunkUpload extends BlobSize {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** A complete blob on the disk. */
export interface FoundBlob {
  readonly path: string;
  readonly sizeBytes: number;
}

/** What can be done here, or who can do it. */
export type Here<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'elsewhere'; readonly at: readonly string[] };

/**
 * Content-addressed blobs, opaque to the orchestrator. A blob is visible once its whole sha256 was checked. Those of
 * several orchestrators on one store are one: what this one lacks, it gets from the others.
 */
export interface Blobs {
  /**
   * Takes one chunk, or sends it on to the upload's home; true once the blob is complete. Throws INTEGRITY_HASH,
   * QUOTA_BLOBS, CAPACITY_DISK, SERVICE_UNAVAILABLE.
   */
  putChunk(upload: ChunkUpload, owner: BlobOwner): Promise<boolean>;
  /** As `putChunk`, but never sends it on. */
  putHere(upload: ChunkUpload, owner: BlobOwner): Promise<Here<boolean>>;
  /** Indices of the chunks that this owner still has to send; empty = complete. */
  missingChunks(sha256: string, sizeBytes: number, owner: BlobOwner): Promise<number[]>;
  /** As `missingChunks`, but asks nobody. */
  missingHere(blob: BlobSize, owner: BlobOwner): Promise<Here<number[]>>;
  /** Stores bytes that are here already; returns their sha256. */
  put(bytes: Uint8Array, owner: BlobOwner): Promise<string>;
  /**
   * Path and size of a complete blob; brought here from another orchestrator if need be. Throws PEER_TIMEOUT when
   * that takes longer than `waitMs` (it goes on), CAPACITY_DISK, PEER_*.
   */
  find(sha256: string, waitMs?: number): Promise<FoundBlob | undefined>;
  /** As `find`, but asks nobody. */
  findHere(sha256: string): Promise<FoundBlob | undefined>;
  /** Brings a blob here from another orchestrator, however long it takes; undefined when none has it. */
  bring(sha256: string): Promise<FoundBlob | undefined>;
  /** A complete blob of this owner; as `find`. Throws NOT_FOUND_BLOB. */
  open(
    sha256: string,
    accountId: string,
  ): Promise<{ sizeBytes: number; read: (from: number, to: number) => Readable }>;
  /** Peer ids of the orchestrators whose copies count: this one, and the others that are alive. */
  holders(): readonly string[];
  /** Forgets these blobs, save those that a model refers to. */
  collect(sha256s: readonly string[]): Promise<void>;
  /** Forgets what nobody refers to for long, and files that the store does not know. Now and then. */
  sweep(): Promise<void>;
  /** Makes rows and files agree after a kill, then sweeps. At start, before anything else. */
  recover(): Promise<void>;
  /** Says who the others are. Until then this one is alone. */
  share(peers: BlobPeers): void;
  /** Ends what is being brought here, and waits for it. Idempotent. */
  stop(): Promise<void>;
}

export interface BlobModules {
  readonly store: Store;
  readonly files: BlobFiles;
  readonly clock: Clock;
  readonly log: Log;
  /** Peer id of this orchestrator. */
  readonly self: string;
  /** Free bytes of the disk that holds the blobs. */
  readonly freeBytes: () => Promise<number>;
  /** The time that all orchestrators of the store go by, milliseconds; the clock's unless given. */
  readonly now?: () => Promise<number>;
}
