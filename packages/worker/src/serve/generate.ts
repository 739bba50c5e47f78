import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import {
  type Generate,
  type GeneratedEnd,
  type GeneratedPart,
  generateSchema,
} from '@rios/sdk/schema/inference';
import type { Handler, Incoming, Link } from '@rios/sdk/wire/link';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { payload } from '@rios/sdk/wire/payload';
import type { GenerateResult } from '../runtime/engine.ts';
import { authoriseCompute, requireCovered } from './authorise.ts';
import { refuseWhenDraining, type ServeContext } from './context.ts';
import { abandonPeers } from './expert-peers.ts';
import { openStage, type StageWish } from './open-stage.ts';
import { openOtherStages } from './other-stages.ts';
import { createReceiptReports, reportOf } from './receipt-reports.ts';
import { CLOSE_TIMEOUT_MS } from './session-scope.ts';
import { closeQuietly, type ServedStage } from './sessions.ts';
import { checkCoverage, localParts } from './stage-parts.ts';

/** `generate`: the orchestrator asks; this worker is the first stage, and streams what the session answers. */
export function createGenerateHandler(context: ServeContext): Handler {
  return async (incoming, link) => {
    const ask = decodeMeta(generateSchema, incoming.meta);
    refuseWhenDraining(context);
    const admitted = await admit(context, ask, incoming.peerId);
    const place = context.sessions.reserveStage(ask.route.sessionId);
    const opening = openFirst(context, ask, { ...admitted, onClosed: place.release }, link);
    const served = await opening.catch((error: unknown) => {
      place.release();
      throw error;
    });
    place.fill(served);
    try {
      const result = await stream(context, served, ask, incoming);
      return payload(endOf(result, await served.close()));
    } finally {
      closeQuietly(context, served);
    }
  };
}

type Admitted = Pick<StageWish, 'stage' | 'ticket' | 'model'>;
type Placed = Admitted & Pick<StageWish, 'onClosed'>;

/** Everything that is checked before anything is opened. Throws PEER_PROTOCOL, AUTH_TICKET_*, CAPACITY_PLACING. */
async function admit(context: ServeContext, { route }: Generate, caller: string): Promise<Admitted> {
  const { modelHash, requestId, stages } = route;
  const [stage] = stages;
  if (stage?.worker.peerId !== context.identity.peerId)
    throw new RiosError('PEER_PROTOCOL', 'the route is refused: its first stage is another worker');
  const ticket = authoriseCompute(context, stage.ticket, { caller, requestId, modelHash });
  if (ticket.issuer !== caller)
    throw new RiosError(
      'AUTH_TICKET_INVALID',
      'the ticket is refused: only an orchestrator may ask for an answer',
    );
  const { manifest } = await context.requireReady(modelHash, []);
  checkCoverage(manifest, stages);
  const parts = localParts(manifest, stage, true);
  requireCovered(ticket, parts);
  return { stage, ticket, model: await context.requireReady(modelHash, parts) };
}

async function openFirst(
  context: ServeContext,
  ask: Generate,
  admitted: Placed,
  link: Link,
): Promise<ServedStage> {
  const { route } = ask;
  const scope = {
    sessionId: route.sessionId,
    requestId: route.requestId,
    epoch: route.epoch,
    modelHash: route.modelHash,
  };
  const maxPositions = positionsOf(ask, admitted.model.manifest.dims.context);
  const members = await openOtherStages(context, scope, route, maxPositions);
  try {
    return await openStage(context, {
      ...admitted,
      scope,
      first: true,
      maxPositions,
      next: route.stages[1]?.worker,
      previous: route.stages.length > 1 ? route.stages.at(-1)?.worker.peerId : undefined,
      opener: link.peerId,
      members,
      standsOn: [],
      onFail: (error, served) => served.stage.fail(error),
    });
  } catch (error) {
    abandonPeers(
      members.map((member) => member.link),
      scope,
    );
    throw error;
  }
}

/** Cache rows that the request needs at most; a text's length in tokens is known only to the engine. */
function positionsOf({ input, sampling }: Generate, context: number): number {
  return input.kind === 'ids' ? Math.min(context, input.ids.length + sampling.maxTokens) : context;
}

/**
 * Sends parts as they come, each after the caller has room for it; a part that cannot be sent ends the work. When the
 * work fails after a token went out, the last part says what everybody is owed for it.
 */
async function stream(
  context: ServeContext,
  served: ServedStage,
  ask: Generate,
  incoming: Incoming,
): Promise<GenerateResult> {
  const broken = new AbortController();
  let sent = Promise.resolve();
  let isAnswering = false;
  const send = (part: GeneratedPart) => {
    sent = sent.then(() => incoming.part(payload(part)));
    sent.catch((error: unknown) => broken.abort(error));
  };
  const reports = createReceiptReports({
    clock: context.clock,
    gather: served.interim,
    send,
    times: context.meteringTimes,
  });
  const onPart = (part: GeneratedPart) => {
    isAnswering = true;
    send(part);
    reports.onToken();
  };
  const signal = AbortSignal.any([incoming.signal, broken.signal]);
  const generating = served.stage.generate(ask.input, ask.sampling, signal, onPart);
  const result = await generating.finally(reports.stop).catch(async (error: unknown) => {
    if (isAnswering && !signal.aborted) send(reportOf((await served.close()).receipts));
    await within(context.clock, CLOSE_TIMEOUT_MS, sent);
    throw error;
  });
  await sent;
  return result;
}

/** Waits for what may stall, no longer than that, and for what may fail. */
async function within({ after }: Clock, timeoutMs: number, sent: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = after(timeoutMs, resolve);
  sent.then(
    () => resolve(),
    () => resolve(),
  );
  await promise.finally(stop);
}

function endOf(result: GenerateResult, closed: Pick<GeneratedEnd, 'receipts' | 'shares'>): GeneratedEnd {
  const { finishReason, promptTokens, completionTokens, ttftMs, totalMs } = result;
  return { finishReason, usage: { promptTokens, completionTokens }, ttftMs, totalMs, ...closed };
}
