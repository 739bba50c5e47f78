import type { Clock } from '@rios/sdk/clock';
import { verifyTicket } from '@rios/sdk/crypto/ticket';
import { RiosError } from '@rios/sdk/errors/error';
import { type ChunkService, createChunkHandler } from '@rios/sdk/p2p/serve-file';
import type { Handlers } from '@rios/sdk/wire/link';
import type { Blobs } from '../services/blobs.ts';
import { listModelFiles, modelHasFile } from '../store/models.ts';
import { needsReleaseFile } from '../store/replicas.ts';
import type { Store } from '../store/store.ts';

export interface BlobServerModules {
  readonly store: Store;
  readonly blobs: Pick<Blobs, 'find' | 'findHere'>;
  readonly clock: Clock;
  /** Peer id of this orchestrator. */
  readonly self: string;
  /** 32 bytes. */
  readonly networkPublicKey: Uint8Array;
  readonly accepts: (peerId: string) => boolean;
  /** Whether it is an orchestrator of the network that lives. */
  readonly isOrchestrator: (peerId: string) => boolean;
  /** Whether the newest assignment of that worker names that model. */
  readonly isAssigned: (peerId: string, modelHash: string) => Promise<boolean>;
}

/**
 * Handlers of /rios/blob/1: opaque bytes of models and releases to the members that are to hold them, any to
 * orchestrators.
 */
export function createBlobHandlers(modules: BlobServerModules): Handlers {
  return createChunkHandler(createChunkService(modules));
}

/**
 * What the handlers stand on: a member with a fetch ticket and an assignment that names the model, or a container to
 * run whose release has the file, or a live orchestrator with a ticket of its own.
 */
export function createChunkService(modules: BlobServerModules): ChunkService {
  const { store, blobs, clock, self, networkPublicKey, isOrchestrator } = modules;
  return {
    authorise: async (bundle, modelHash, peerId) => {
      if (!modules.accepts(peerId)) {
        throw new RiosError('AUTH_PEER_UNKNOWN', 'this peer is not a member of the network');
      }
      const check = { networkPublicKey, self, holder: peerId, now: clock.now(), purpose: 'fetch' as const };
      const ticket = verifyTicket(bundle, check);
      if (ticket.modelHash !== modelHash) {
        throw new RiosError('AUTH_TICKET_INVALID', 'the ticket is for another model');
      }
      // a ticket that its holder signed: only the network's orchestrators can
      if (ticket.issuer === peerId && isOrchestrator(peerId)) return;
      if (await needsReleaseFile(store, peerId, modelHash)) return;
      if (!(await modules.isAssigned(peerId, modelHash))) {
        throw new RiosError('AUTH_FORBIDDEN', 'this worker is not to hold that model');
      }
    },
    openFile: async (sha256, modelHash, peerId) => {
      // what is not here is never looked for elsewhere for another orchestrator: they would ask in a circle
      if (isOrchestrator(peerId)) return sha256 === modelHash ? blobs.findHere(sha256) : undefined;
      // the ticket for a release's file names the file itself in place of a model
      const isRelease = sha256 === modelHash && (await needsReleaseFile(store, peerId, sha256));
      return isRelease || (await modelHasFile(store, modelHash, sha256)) ? blobs.find(sha256) : undefined;
    },
    listFiles: (modelHash) => listModelFiles(store, modelHash),
  };
}
