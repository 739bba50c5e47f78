import type { BlobSize, ChunkUpload } from './blobs-port.ts';

/** The other orchestrators, as the blobs of this one see them. `createBlobPeers` stands in p2p/blob-peers.ts. */
export interface BlobPeers {
  /** Peer ids of those that are alive, this one left out. */
  others(): readonly string[];
  /** Sends a chunk on to the home of its upload, charged to that account. Throws what the home throws, PEER_*. */
  putChunk(peerId: string, upload: ChunkUpload, accountId: string): Promise<boolean>;
  /** Asks the home of an upload. Throws as `putChunk`. */
  missingChunks(peerId: string, blob: BlobSize, accountId: string): Promise<number[]>;
  /**
   * Brings a blob from one that has it to a file, in steps of a chunk; what an earlier try left is gone on with.
   * Throws CAPACITY_DISK, INTEGRITY_HASH, USER_INTERRUPTED, PEER_*.
   */
  fetch(blob: BlobSize, from: readonly string[], destination: string, signal: AbortSignal): Promise<void>;
}
