import { RiosError, toErrorBody } from '@rios/sdk/errors/error';
import type { Handler, Link } from '@rios/sdk/wire/link';
import { type SessionOpen, sessionOpenSchema } from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { authoriseCompute, requireCovered } from './authorise.ts';
import { refuseWhenDraining, type ServeContext } from './context.ts';
import { openStage, type StageWish } from './open-stage.ts';
import { CALL_TIMEOUT_MS } from './session-scope.ts';
import { closeQuietly, type Place, type ServedStage } from './sessions.ts';
import { localParts } from './stage-parts.ts';

/** How long a failed session waits for the first stage to close it. */
const CLOSED_BY_FIRST_MS = 1_000;

/** `sessionOpen`: the first stage of a chain opens a later stage on this worker. */
export function createSessionOpenHandler(context: ServeContext): Handler {
  return async (incoming, link) => {
    const ask = decodeMeta(sessionOpenSchema, incoming.meta);
    refuseWhenDraining(context);
    const admitted = await admit(context, ask, incoming.peerId);
    const place = context.sessions.reserveStage(ask.sessionId);
    try {
      place.fill(await openStage(context, wishOf(context, ask, admitted, link, place)));
      return payload();
    } catch (error) {
      place.release();
      throw error;
    }
  };
}

type Admitted = Pick<StageWish, 'stage' | 'ticket' | 'model'>;

async function admit(context: ServeContext, ask: SessionOpen, caller: string): Promise<Admitted> {
  const { stage, modelHash, requestId } = ask;
  if (stage.worker.peerId !== context.identity.peerId) throw refused('the stage is another worker’s');
  if (ask.first.peerId !== caller) throw refused('only the first stage opens the others');
  if (ask.index === 0) throw refused('the first stage opens itself');
  const ticket = authoriseCompute(context, stage.ticket, { caller, requestId, modelHash });
  const { manifest } = await context.requireReady(modelHash, []);
  if (ask.maxPositions > manifest.dims.context)
    throw refused('it has more positions than the model’s context');
  const parts = localParts(manifest, stage, false);
  requireCovered(ticket, parts);
  return { stage, ticket, model: await context.requireReady(modelHash, parts) };
}

function wishOf(
  context: ServeContext,
  ask: SessionOpen,
  admitted: Admitted,
  firstLink: Link,
  place: Place<ServedStage>,
): StageWish {
  const { sessionId, requestId, epoch, modelHash } = ask;
  const scope = { sessionId, requestId, epoch, modelHash };
  return {
    ...admitted,
    scope,
    first: false,
    maxPositions: ask.maxPositions,
    next: ask.next,
    previous: ask.previous.peerId,
    opener: firstLink.peerId,
    members: [],
    standsOn: [firstLink],
    onFail: (error, served) => {
      tellFirst(firstLink, scope, error);
      closeSoon(context, firstLink, served);
    },
    onClosed: place.release,
  };
}

/** The first stage, told of the failure, closes the session at once to get its receipts; unless it is what was lost. */
function closeSoon(context: ServeContext, first: Link, served: ServedStage): void {
  if (first.closed) closeQuietly(context, served);
  else context.clock.after(CLOSED_BY_FIRST_MS, () => closeQuietly(context, served));
}

/** The first stage may be what was lost; then nobody is left to tell. */
function tellFirst(link: Link, scope: StageWish['scope'], error: RiosError): void {
  if (link.closed) return;
  const { code, message, hint, retryable } = toErrorBody(error);
  const body = { code, message: message.slice(0, 1024), hint, retryable };
  const told = link.push(Method.sessionFailed, payload({ sessionId: scope.sessionId, error: body }), {
    deadlineMs: CALL_TIMEOUT_MS,
    epoch: scope.epoch,
  });
  told.catch(() => {});
}

const refused = (why: string) => new RiosError('PEER_PROTOCOL', `the session is refused: ${why}`);
