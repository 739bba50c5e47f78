import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { Handler } from '@rios/sdk/wire/link';
import { hiddenMetaSchema } from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { payload } from '@rios/sdk/wire/payload';
import type { ServeContext } from './context.ts';

/**
 * `hidden`: rows from the stage before this one (for the first stage: from the last). Rows from anybody else
 * change nothing; wrong rows from the right peer end the session.
 */
export function createHiddenHandler(context: ServeContext): Handler {
  return async (incoming) => {
    const meta = decodeMeta(hiddenMetaSchema, incoming.meta);
    const session = context.sessions.stage(meta.sessionId);
    if (session === undefined || session.previous !== incoming.peerId)
      throw new RiosError('AUTH_FORBIDDEN', 'the peer is not the stage before this one');
    if (session.epoch !== incoming.epoch)
      throw new RiosError('PEER_PROTOCOL', 'the rows are of another epoch');
    context.sessions.touch(session);
    try {
      session.inbox.accept(meta, incoming.body.length);
    } catch (error) {
      session.fail(toRiosError(error));
      throw error;
    }
    session.arrived(meta.position);
    session.stage.hidden(meta.position, meta.rows, incoming.body);
    return payload();
  };
}
