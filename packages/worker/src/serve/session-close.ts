import { RiosError } from '@rios/sdk/errors/error';
import type { Handler } from '@rios/sdk/wire/link';
import { type SessionClosed, sessionCloseSchema } from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { payload } from '@rios/sdk/wire/payload';
import type { ServeContext } from './context.ts';
import type { ServedExperts, ServedStage } from './sessions.ts';

/** `sessionClose`: who opened a stage or expert groups here ends them, and gets the receipts. */
export function createSessionCloseHandler(context: ServeContext): Handler {
  return async (incoming) => {
    const { sessionId } = decodeMeta(sessionCloseSchema, incoming.meta);
    const own = openedBy(context, incoming.peerId, sessionId);
    const closed = await Promise.all(own.map((session) => session.close()));
    return payload({
      receipts: closed.flatMap(({ receipts }) => receipts),
      shares: closed.flatMap(({ shares }) => shares),
    } satisfies SessionClosed);
  };
}

/** What that peer has opened under that id here. Throws NOT_FOUND when it has opened nothing. */
export function openedBy(
  { sessions }: Pick<ServeContext, 'sessions'>,
  peerId: string,
  sessionId: string,
): readonly (ServedStage | ServedExperts)[] {
  const stage = sessions.stage(sessionId);
  const experts = sessions.experts(peerId, sessionId);
  const own = [...(stage?.opener === peerId ? [stage] : []), ...(experts === undefined ? [] : [experts])];
  if (own.length === 0) throw new RiosError('NOT_FOUND', 'no such session is open here for this peer');
  return own;
}
