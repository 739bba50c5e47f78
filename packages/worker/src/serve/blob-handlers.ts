import { verifyTicket } from '@rios/sdk/crypto/ticket';
import { RiosError } from '@rios/sdk/errors/error';
import { createChunkHandler } from '@rios/sdk/p2p/serve-file';
import type { Handlers } from '@rios/sdk/wire/link';
import type { ModelStore } from '../model-store.ts';
import { requireMember, type ServeContext } from './context.ts';

/** What a worker answers on /rios/blob/1: chunks of the model files it has, to holders of a fetch ticket. */
export function createBlobHandlers(
  context: Pick<ServeContext, 'networkPublicKey' | 'identity' | 'clock' | 'accepts'>,
  store: Pick<ModelStore, 'openFile' | 'listFiles'>,
): Handlers {
  return createChunkHandler({
    authorise(bundle, modelHash, peerId) {
      requireMember(context, peerId);
      const ticket = verifyTicket(bundle, {
        networkPublicKey: context.networkPublicKey,
        self: context.identity.peerId,
        holder: peerId,
        now: context.clock.now(),
        purpose: 'fetch',
      });
      if (ticket.modelHash !== modelHash)
        throw new RiosError('AUTH_TICKET_INVALID', 'the ticket is refused: it is for another model');
    },
    openFile: (sha256, modelHash) => store.openFile(sha256, modelHash),
    listFiles: (modelHash) => store.listFiles(modelHash),
  });
}
