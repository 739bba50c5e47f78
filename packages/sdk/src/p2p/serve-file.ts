import { type FileHandle, open } from 'node:fs/promises';
import { RiosError } from '../errors/error.ts';
import { CHUNK_BYTES, chunkLength } from '../schema/manifest.ts';
import type { TicketBundle } from '../schema/trust.ts';
import type { Handlers } from '../wire/link.ts';
import { chunkRequestSchema, holdingsRequestSchema } from '../wire/messages.ts';
import { decodeMeta } from '../wire/meta.ts';
import { Method } from '../wire/methods.ts';
import { payload } from '../wire/payload.ts';

/** A file that can be read from this machine. */
export interface ServedFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** What the chunk service stands on. */
export interface ChunkService {
  /** Throws AUTH_TICKET_* unless the ticket lets `peerId` read files of that model. */
  readonly authorise: (ticket: TicketBundle, modelHash: string, peerId: string) => void | Promise<void>;
  /** The file of that hash, if it is part of that model and here, for this peer. */
  readonly openFile: (sha256: string, modelHash: string, peerId: string) => Promise<ServedFile | undefined>;
  /** Hashes of the model's files that are here, whole. */
  readonly listFiles: (modelHash: string) => Promise<string[]>;
}

/** Hashes that fit in one answer of /rios/blob/1; who needs a file beyond them asks for its chunks. */
const MAX_LISTED = 7_000;

/** Handlers of `chunk` and `holdings` on /rios/blob/1. They answer NOT_FOUND_BLOB for what is not here. */
export function createChunkHandler(service: ChunkService): Handlers {
  return {
    [Method.chunk]: async ({ meta, peerId }) => {
      const request = decodeMeta(chunkRequestSchema, meta);
      await service.authorise(request.ticket, request.modelHash, peerId);
      const file = await service.openFile(request.sha256, request.modelHash, peerId);
      if (file === undefined) throw notHere(request.sha256);
      return payload(undefined, await readChunk(file, request.index, request.sha256));
    },
    [Method.holdings]: async ({ meta, peerId }) => {
      const request = decodeMeta(holdingsRequestSchema, meta);
      await service.authorise(request.ticket, request.modelHash, peerId);
      const files = await service.listFiles(request.modelHash);
      return payload({ files: files.slice(0, MAX_LISTED) });
    },
  };
}

async function readChunk(file: ServedFile, index: number, sha256: string): Promise<Uint8Array> {
  const from = index * CHUNK_BYTES;
  if (from >= file.sizeBytes) throw new RiosError('USER_INVALID_REQUEST', 'the file has no such chunk');
  const handle = await open(file.path, 'r').catch(() => {
    throw notHere(sha256);
  });
  try {
    return await readExactly(handle, from, chunkLength(file, index));
  } finally {
    await handle.close();
  }
}

/** Bytes [from, from + length) of an open file. Throws NOT_FOUND_BLOB when it is shorter. */
export async function readExactly(handle: FileHandle, from: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(bytes, at, length - at, from + at);
    if (bytesRead === 0) throw new RiosError('NOT_FOUND_BLOB', 'the file is shorter than it should be');
    at += bytesRead;
  }
  return bytes;
}

const notHere = (sha256: string) =>
  new RiosError('NOT_FOUND_BLOB', 'this peer does not hold the file', { details: { sha256 } });
