import type { Clock } from '@rios/sdk/clock';
import { verifyCertificate } from '@rios/sdk/crypto/network';
import { RiosError } from '@rios/sdk/errors/error';
import type { Signed } from '@rios/sdk/schema/trust';
import type { Handlers } from '@rios/sdk/wire/link';
import { missingChunksRequestSchema, putChunkRequestSchema } from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { chunkCount } from '../services/blob-context.ts';
import type { BlobOwner, Blobs, Here } from '../services/blobs-port.ts';
import { getAccount } from '../store/accounts.ts';
import type { Store } from '../store/store.ts';
import type { Directory } from './directory.ts';

export interface OrchestratorServerModules {
  readonly store: Store;
  readonly blobs: Pick<Blobs, 'putHere' | 'missingHere'>;
  readonly directory: Pick<Directory, 'self' | 'isOrchestrator'>;
  /** 32 bytes. */
  readonly networkPublicKey: Uint8Array;
  readonly clock: Clock;
}

/** Handlers of /rios/orchestrator/1: what comes here from the API of another orchestrator. */
export function createOrchestratorHandlers(modules: OrchestratorServerModules): Handlers {
  const { blobs, store } = modules;
  return {
    [Method.putChunk]: async ({ meta, body, peerId }) => {
      const { certificate, accountId, ...chunk } = decodeMeta(putChunkRequestSchema, meta);
      checkOrchestrator(modules, certificate, peerId);
      const owner = await findOwner(store, accountId);
      return payload({ complete: mine(await blobs.putHere({ ...chunk, bytes: body }, owner)) });
    },
    [Method.missingChunks]: async ({ meta, peerId }) => {
      const { certificate, accountId, ...blob } = decodeMeta(missingChunksRequestSchema, meta);
      checkOrchestrator(modules, certificate, peerId);
      const missing = mine(await blobs.missingHere(blob, await findOwner(store, accountId)));
      const flags = new Uint8Array(chunkCount(blob.sizeBytes));
      for (const index of missing) flags[index] = 1;
      return payload(undefined, flags);
    },
  };
}

/** The network key must say that it is an orchestrator, and the store that it is alive. */
function checkOrchestrator(modules: OrchestratorServerModules, certificate: Signed, peerId: string): void {
  const { directory, networkPublicKey, clock } = modules;
  verifyCertificate(certificate, networkPublicKey, clock.now(), peerId);
  if (peerId !== directory.self && directory.isOrchestrator(peerId)) return;
  throw new RiosError('AUTH_PEER_UNKNOWN', 'this peer is not a live orchestrator of the network');
}

/** The quota is what the store says, whatever the other orchestrator does. */
async function findOwner(store: Store, accountId: string): Promise<BlobOwner> {
  const account = await getAccount(store, accountId);
  if (account === undefined) throw new RiosError('AUTH_FORBIDDEN', 'there is no such account');
  return { accountId, blobQuotaBytes: account.blob_quota_bytes };
}

/** What has moved on is never sent on from here: the asker looks again. */
function mine<T>(outcome: Here<T>): T {
  if (outcome.kind === 'done') return outcome.value;
  throw new RiosError('NOT_FOUND_BLOB', 'this orchestrator does not take that upload', {
    details: { at: outcome.at.slice(0, 16) },
  });
}
