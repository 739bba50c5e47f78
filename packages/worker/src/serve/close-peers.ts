import { toRiosError } from '@rios/sdk/errors/error';
import type { Signed } from '@rios/sdk/schema/trust';
import type { Link, Payload } from '@rios/sdk/wire/link';
import { type SessionClosed, sessionClosedSchema } from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import type { ServeContext } from './context.ts';
import { CLOSE_TIMEOUT_MS, type SessionScope } from './session-scope.ts';

/** A peer of a session, and whose work it may speak of: its own, and that of the workers it called. */
export interface ClosingPeer {
  readonly link: Link;
  readonly speaksFor: ReadonlySet<string>;
}

/**
 * Ends the session at the other peers, all at once, and gathers their receipts and shares. A peer that does not
 * answer in time is logged and left with what it signed before: the request does not fail for it.
 */
export async function closePeers(
  context: ServeContext,
  scope: SessionScope,
  peers: readonly ClosingPeer[],
  lastOf: (peerId: string) => readonly Signed[],
): Promise<SessionClosed> {
  const closed = await Promise.all(peers.map((peer) => closeOne(context, scope, peer, lastOf)));
  return {
    receipts: closed.flatMap(({ receipts }) => receipts),
    shares: closed.flatMap(({ shares }) => shares),
  };
}

async function closeOne(
  context: ServeContext,
  scope: SessionScope,
  { link, speaksFor }: ClosingPeer,
  lastOf: (peerId: string) => readonly Signed[],
): Promise<SessionClosed> {
  try {
    const { meta } = await requestClose(link, scope);
    const { receipts, shares } = decodeMeta(sessionClosedSchema, meta);
    return { receipts, shares: shares.filter(({ workerId }) => speaksFor.has(workerId)) };
  } catch (error) {
    const { sessionId, requestId } = scope;
    context.log.warn('no last receipt from a peer', {
      requestId,
      sessionId,
      peerId: link.peerId,
      code: toRiosError(error).code,
    });
    return { receipts: [...lastOf(link.peerId)], shares: [] };
  }
}

/** Asks a peer to end its part of a session; the answer's meta is a SessionClosed. */
export function requestClose(link: Link, { sessionId, requestId, epoch }: SessionScope): Promise<Payload> {
  const meta = { sessionId, requestId };
  return link.request(Method.sessionClose, payload(meta), { deadlineMs: CLOSE_TIMEOUT_MS, epoch });
}
