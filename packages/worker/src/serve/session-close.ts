import { RiosError } from '@rios/sdk/errors/error';
import type { Handler } from '@rios/sdk/wire/link';
import { type SessionClosed, sessionCloseSchema } from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { payload } from '@rios/sdk/wire/payload';
import type { ServeContext } from './context.ts';

/** `sessionClose`: who opened a stage or expert groups here ends them, and gets the receipts. */
export function createSessionCloseHandler(context: ServeContext): Handler {
  return async (incoming) => {
    const { sessionId } = decodeMeta(sessionCloseSchema, incoming.meta);
    const stage = context.sessions.stage(sessionId);
    const experts = context.sessions.experts(incoming.peerId, sessionId);
    const own = [
      ...(stage?.opener === incoming.peerId ? [stage] : []),
      ...(experts === undefined ? [] : [experts]),
    ];
    if (own.length === 0) throw new RiosError('NOT_FOUND', 'no such session is open here for this peer');
    const closed = await Promise.all(own.map((session) => session.close()));
    return payload({
      receipts: closed.flatMap(({ receipts }) => receipts),
      shares: closed.flatMap(({ shares }) => shares),
    } satisfies SessionClosed);
  };
}
