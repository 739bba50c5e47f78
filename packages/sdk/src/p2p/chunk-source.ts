import { sha256Of } from '../crypto/hash.ts';
import { hasCode, RiosError, toRiosError } from '../errors/error.ts';
import { chunkLength, type ManifestFile } from '../schema/manifest.ts';
import type { TicketBundle } from '../schema/trust.ts';
import type { PeerAddress } from '../schema/worker.ts';
import type { Link } from '../wire/link.ts';
import { BLOB, Method } from '../wire/methods.ts';
import { payload } from '../wire/payload.ts';
import type { Peer } from './contract.ts';

/** A member that holds the file, or may. */
export interface FileSource {
  readonly peerId: string;
  readonly connect: () => Promise<Link>;
}

/** Members as sources of files: each is connected (protocol BLOB) when it is first asked. */
export function peerSources(peer: Pick<Peer, 'connect'>, members: readonly PeerAddress[]): FileSource[] {
  return members.map((member) => ({
    peerId: member.peerId,
    connect: () => peer.connect(member, BLOB),
  }));
}

/** Which file is asked for, and with what right. */
export interface ChunkRequestContext {
  readonly file: ManifestFile;
  readonly modelHash: string;
  readonly ticket: TicketBundle;
  readonly signal: AbortSignal;
}

/** A source while one file is fetched: it is asked until it lies or fails too often. */
export interface ChunkSource {
  readonly peerId: string;
  /** Why it is asked no more. */
  readonly failure: RiosError | undefined;
  /** A verified chunk, or undefined when this source did not give it. */
  fetch(index: number): Promise<Uint8Array | undefined>;
}

/** Failures after which a source is given up; a wrong chunk or a refusal counts at once. */
const MAX_FAILURES = 3;
/** Time for one chunk: the slowest line that is still worth using. */
const CHUNK_MS = 60_000;
const TEMPORARY = ['PEER_LOST', 'PEER_TIMEOUT', 'PEER_UNREACHABLE'] as const;

/** A source, seen for one file. */
export function createChunkSource(source: FileSource, context: ChunkRequestContext): ChunkSource {
  let failures = 0;
  let failure: RiosError | undefined;

  const fail = (error: RiosError) => {
    const temporary = TEMPORARY.some((code) => hasCode(error, code));
    if (!temporary || ++failures >= MAX_FAILURES) failure ??= error;
  };
  return {
    peerId: source.peerId,
    get failure() {
      return failure;
    },
    async fetch(index) {
      try {
        const bytes = await ask(await source.connect(), index, context);
        failures = 0;
        return bytes;
      } catch (error) {
        if (!context.signal.aborted) fail(toRiosError(error));
        return undefined;
      }
    },
  };
}

async function ask(link: Link, index: number, context: ChunkRequestContext): Promise<Uint8Array> {
  const { file, modelHash, ticket, signal } = context;
  const meta = { modelHash, sha256: file.sha256, index, ticket };
  const { body } = await link.request(Method.chunk, payload(meta), { deadlineMs: CHUNK_MS, signal });
  if (body.length === chunkLength(file, index) && sha256Of(body) === file.chunks[index]) return body;
  throw new RiosError('INTEGRITY_HASH', 'the peer sent other bytes than the manifest names', {
    details: { peerId: link.peerId, path: file.path, chunk: index },
  });
}
