import type { Clock } from '@rios/sdk/clock';
import type { Identity } from '@rios/sdk/crypto/identity';
import { RiosError } from '@rios/sdk/errors/error';
import type { Peer } from '@rios/sdk/p2p/peer';
import type { Manifest } from '@rios/sdk/schema/manifest';
import type { Signed } from '@rios/sdk/schema/trust';
import type { PeerAddress } from '@rios/sdk/schema/worker';
import { putChunkReplySchema } from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { Method, type Method as MethodNumber, ORCHESTRATOR } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { chunkCount } from '../services/blob-context.ts';
import type { BlobPeers } from '../services/blob-peers-port.ts';
import type { Store } from '../store/store.ts';
import { createBlobFetch } from './blob-fetch.ts';
import type { Directory } from './directory.ts';

/** Addresses of one orchestrator that are tried at most. */
const MAX_ADDRESSES = 16;

export interface BlobPeersModules {
  readonly peer: Pick<Peer, 'connect'>;
  readonly directory: Pick<Directory, 'self' | 'list'>;
  readonly identity: Identity;
  readonly networkId: string;
  /** The network key's newest word for this orchestrator. */
  readonly certificate: () => Signed;
  readonly store: Store;
  readonly parseManifest: (bytes: Uint8Array) => Manifest;
  readonly clock: Clock;
}

/** The other orchestrators over /rios/orchestrator/1 and /rios/blob/1. */
export function createBlobPeers(modules: BlobPeersModules): BlobPeers {
  const { peer, directory, certificate } = modules;
  const others = () => directory.list().filter(({ peerId }) => peerId !== directory.self);
  const addressOf = (peerId: string): PeerAddress => ({
    peerId,
    addresses: others()
      .filter((other) => other.peerId === peerId)
      .flatMap(({ addresses }) => addresses)
      .slice(0, MAX_ADDRESSES),
  });
  const ask = async (peerId: string, method: MethodNumber, meta: object, body?: Uint8Array) => {
    const link = await peer.connect(addressOf(peerId), ORCHESTRATOR);
    const message = payload({ ...meta, certificate: certificate() }, body);
    return link.request(method, message, { deadlineMs: ORCHESTRATOR.timeoutMs });
  };
  return {
    others: () => others().map(({ peerId }) => peerId),
    putChunk: async (peerId, { bytes, ...chunk }, accountId) => {
      const answer = await ask(peerId, Method.putChunk, { ...chunk, accountId }, bytes);
      return decodeMeta(putChunkReplySchema, answer.meta).complete;
    },
    missingChunks: async (peerId, blob, accountId) => {
      const { body } = await ask(peerId, Method.missingChunks, { ...blob, accountId });
      if (body.length !== chunkCount(blob.sizeBytes)) {
        throw new RiosError('PEER_PROTOCOL', 'the orchestrator told of another number of chunks');
      }
      return [...body.keys()].filter((index) => body[index] === 1);
    },
    fetch: createBlobFetch({ ...modules, addressOf }),
  };
}
