import { RiosError } from '@rios/sdk/errors/error';
import type { ModelHash, PartId, SessionId } from '@rios/sdk/ids';
import type { Handler, Link } from '@rios/sdk/wire/link';
import { type ExpertsOpen, expertsOpenSchema } from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { payload } from '@rios/sdk/wire/payload';
import type { ExpertSession } from '../runtime/engine.ts';
import { authoriseCompute, requireCovered } from './authorise.ts';
import { meteringOf, refuseWhenDraining, type ServeContext } from './context.ts';
import { createInterimReceipts } from './interim-receipts.ts';
import { receiptsFor, shareOf, type WorkScope } from './receipts.ts';
import { closeQuietly, type Place, type ServedExperts } from './sessions.ts';

/** `expertsOpen`: another worker's stage opens expert groups here; they live as long as its link, or until closed. */
export function createExpertsOpenHandler(context: ServeContext): Handler {
  return async (incoming, link) => {
    const ask = decodeMeta(expertsOpenSchema, incoming.meta);
    refuseWhenDraining(context);
    const { requestId, modelHash, parts } = ask;
    const ticket = authoriseCompute(context, ask.ticket, { caller: incoming.peerId, requestId, modelHash });
    requireCovered(ticket, parts);
    if (!parts.every((part) => part.startsWith('experts.')))
      throw new RiosError('PEER_PROTOCOL', 'only expert groups can be opened alone');
    await context.requireReady(modelHash, parts);
    const place = context.sessions.reserveExperts(incoming.peerId, ask.sessionId);
    try {
      const startedAt = context.clock.now();
      const experts = await context.engine.openExperts({
        sessionId: ask.sessionId as SessionId,
        modelHash: modelHash as ModelHash,
        parts: parts as PartId[],
        maxUnits: ticket.maxUnits,
        ...meteringOf(context),
      });
      place.fill(
        serveExperts({
          context,
          ask,
          epoch: incoming.epoch,
          link,
          experts,
          place,
          scope: { ticket, startedAt },
        }),
      );
      return payload();
    } catch (error) {
      place.release();
      throw error;
    }
  };
}

interface Opened {
  readonly context: ServeContext;
  readonly ask: ExpertsOpen;
  readonly epoch: number;
  readonly link: Link;
  readonly experts: ExpertSession;
  readonly place: Place<ServedExperts>;
  readonly scope: WorkScope;
}

function serveExperts({ context, ask, epoch, link, experts, place, scope }: Opened): ServedExperts {
  const { sessionId, requestId, modelHash } = ask;
  const { gather } = createInterimReceipts(context, {
    scope: { sessionId, requestId, epoch, modelHash },
    own: scope,
    soFar: experts.soFar,
    peers: [],
  });
  const finish = async () => {
    unwatch();
    const work = await experts.close().finally(place.release);
    const receipts = await receiptsFor(context, scope, work);
    return { receipts, shares: [shareOf(context.identity.peerId, scope, work)] };
  };
  let closing: ReturnType<typeof finish> | undefined;
  const close = () => {
    closing ??= finish();
    return closing;
  };
  const opened = { sessionId, modelHash, epoch, opener: link.peerId, expires: true, experts };
  const served = { ...opened, interim: gather, close };
  const unwatch = context.links.watch(link, () => closeQuietly(context, served));
  return served;
}
