import { fromErrorBody, RiosError } from '@rios/sdk/errors/error';
import type { Handler } from '@rios/sdk/wire/link';
import { sessionFailedSchema } from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { payload } from '@rios/sdk/wire/payload';
import type { ServeContext } from './context.ts';

/** `sessionFailed`: a later stage tells this first stage that the session cannot go on. */
export function createSessionFailedHandler(context: ServeContext): Handler {
  return async (incoming) => {
    const { sessionId, error } = decodeMeta(sessionFailedSchema, incoming.meta);
    const session = context.sessions.stage(sessionId);
    if (session === undefined || !session.members.has(incoming.peerId))
      throw new RiosError('AUTH_FORBIDDEN', 'the peer has no stage in that session');
    session.fail(fromErrorBody(error, 'PEER_LOST'));
    return payload();
  };
}
