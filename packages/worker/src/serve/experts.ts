import { RiosError } from '@rios/sdk/errors/error';
import type { Handler } from '@rios/sdk/wire/link';
import { expertsMetaSchema } from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { payload } from '@rios/sdk/wire/payload';
import type { ServeContext } from './context.ts';

/**
 * `experts`: rows of one layer for groups that this peer opened here. The engine checks the body, and that its
 * groups are among the opened ones. Bodies: sdk/wire/expert-codec.
 */
export function createExpertsHandler(context: ServeContext): Handler {
  return async (incoming) => {
    const { sessionId, layer } = decodeMeta(expertsMetaSchema, incoming.meta);
    const session = context.sessions.experts(incoming.peerId, sessionId);
    if (session === undefined)
      throw new RiosError('AUTH_FORBIDDEN', 'the peer has opened no experts in that session');
    if (session.epoch !== incoming.epoch)
      throw new RiosError('PEER_PROTOCOL', 'the call is of another epoch');
    context.sessions.touch(session);
    return payload(undefined, await session.experts.run(layer, incoming.body));
  };
}
