import type { Handler } from '@rios/sdk/wire/link';
import { type SessionReceiptsReply, sessionCloseSchema } from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { payload } from '@rios/sdk/wire/payload';
import type { ServeContext } from './context.ts';
import { openedBy } from './session-close.ts';

/** `sessionReceipts`: who opened a stage or expert groups here asks what was computed so far. */
export function createSessionReceiptsHandler(context: ServeContext): Handler {
  return async (incoming) => {
    const { sessionId } = decodeMeta(sessionCloseSchema, incoming.meta);
    const own = openedBy(context, incoming.peerId, sessionId);
    const receipts = await Promise.all(own.map((session) => session.interim()));
    return payload({ receipts: receipts.flat() } satisfies SessionReceiptsReply);
  };
}
