import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { createId, type SessionId } from '@rios/sdk/ids';
import type { Log } from '@rios/sdk/log';
import { type GeneratedEnd, generatedEndSchema, generatedPartSchema } from '@rios/sdk/schema/inference';
import type { Placement } from '@rios/sdk/schema/route';
import type { PeerAddress } from '@rios/sdk/schema/worker';
import type { Link, Payload } from '@rios/sdk/wire/link';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { DATA, Method, type Protocol } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import type { ModelSummary } from '../dmoe/facts.ts';
import { partsByWorker } from '../dmoe/reserved.ts';
import { type BuiltRoute, buildRoute } from '../dmoe/route.ts';
import { positionsBound } from '../dmoe/tickets.ts';
import type { ReadSummary } from '../loop/observe.ts';
import type { TicketIssuer } from '../p2p/ticket-issuer.ts';
import type { WorkerRegistry } from '../p2p/worker-registry.ts';
import type { ModelRecord } from '../store/models.ts';
import type { RequestPlan } from '../store/requests.ts';
import { billedTickets } from './billed-tickets.ts';
import type { InferenceAnswer, InferenceRequest } from './inference-port.ts';
import type { RequestBooks } from './request-books.ts';
import { createPartCollector } from './run-summary.ts';

/** Longest time that one answer may take. */
const GENERATE_MS = 600_000;
/** Tickets outlast the answer by this much, for clocks that differ. */
const TICKET_SLACK_MS = 30_000;

export interface GenerateModules {
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: Pick<WorkerRegistry, 'get'>;
  readonly tickets: TicketIssuer;
  readonly readSummary: ReadSummary;
  readonly peer: {
    readonly peerId: string;
    connect(to: PeerAddress, protocol: Protocol): Promise<Link>;
  };
  readonly books: RequestBooks;
  /** Called when the first part of the answer is there. */
  readonly onStart: () => void;
}

/** One attempt to answer on one placement. @throws RiosError whatever the workers say; PEER_LOST when one is gone. */
export async function generateOnce(
  modules: GenerateModules,
  request: InferenceRequest,
  model: ModelRecord & { placement: Placement },
): Promise<InferenceAnswer> {
  const { summary } = await modules.readSummary(model);
  const built = routeOf(modules, request, summary, model.placement);
  await modules.books.begin({
    tickets: billedTickets(built, (workerId) => BigInt(modules.registry.get(workerId)?.offer.price ?? 0)),
    modelHash: model.modelHash,
    shape: model.placement.shape,
    plan: planOf(modules, summary, model.placement),
  });
  const parts = createPartCollector({ prompt: summary.dims.context, answer: request.sampling.maxTokens });
  const end = await stream(modules, request, built, parts.add);
  const shares = end.shares.filter(({ workerId }) => isOnRoute(built, workerId));
  const answered = { ...end, shares, finishedAt: modules.clock.now() };
  await modules.books.succeed(answered, end.receipts);
  const facts = { requestId: request.requestId, model: summary, placement: model.placement };
  const nameOf = (workerId: string) => modules.registry.get(workerId)?.offer.name ?? workerId;
  return { end: { ...end, shares }, summary: parts.summarise({ ...facts, end: { ...end, shares }, nameOf }) };
}

function routeOf(
  { registry, tickets, clock, peer }: GenerateModules,
  request: InferenceRequest,
  model: ModelSummary,
  placement: Placement,
): BuiltRoute {
  const expiresAt = clock.now() + GENERATE_MS + TICKET_SLACK_MS;
  return buildRoute({
    model,
    placement,
    requestId: request.requestId,
    sessionId: createId<SessionId>('ses', clock.now()),
    orchestrator: peer.peerId,
    positions: positionsBound(model, request.input, request.sampling),
    addressOf: (workerId) => {
      const worker = registry.get(workerId);
      const isThere = worker?.state === 'listed' || worker?.state === 'draining';
      return isThere ? { peerId: workerId, addresses: [...worker.addresses] } : undefined;
    },
    issue: ({ holder, audience, parts, maxUnits }) =>
      tickets.compute({
        holder,
        audience,
        requestId: request.requestId,
        modelHash: placement.modelHash,
        parts: [...parts],
        maxUnits,
        expiresAt,
      }),
  });
}

function planOf({ registry }: GenerateModules, model: ModelSummary, placement: Placement): RequestPlan {
  const nameOf = (id: string) => registry.get(id)?.offer.name ?? id;
  return {
    reason: placement.reason ?? `placed as ${placement.shape}`,
    rejected: placement.rejected,
    stages: placement.stages.map(({ workerId, from, to }) => ({
      workerId,
      name: nameOf(workerId),
      from,
      to,
    })),
    names: Object.fromEntries([...partsByWorker(model, placement).keys()].map((id) => [id, nameOf(id)])),
  };
}

/** Asks the first stage, hands its parts on in order, and returns the end once all were taken. */
async function stream(
  { peer, onStart, books }: GenerateModules,
  request: InferenceRequest,
  { route }: BuiltRoute,
  collect: (part: ReturnType<typeof decodePart>) => void,
): Promise<GeneratedEnd> {
  const first = route.stages[0];
  if (first === undefined) throw new RiosError('BUG_UNEXPECTED', 'a route without stages');
  const gone = new AbortController();
  const signal = AbortSignal.any([request.signal, gone.signal]);
  let taken = Promise.resolve();
  const onPart = (message: Payload) => {
    const part = books.take(decodePart(message));
    if (part === undefined) return;
    collect(part);
    onStart();
    taken = taken.then(() => request.onPart(part));
    taken.catch((error: unknown) => gone.abort(error));
  };
  const link = await peer.connect(first.worker, DATA);
  const message = payload({ route, input: request.input, sampling: request.sampling });
  const answer = await link.request(
    Method.generate,
    message,
    { deadlineMs: GENERATE_MS, epoch: route.epoch, signal },
    onPart,
  );
  await taken;
  return decodeMeta(generatedEndSchema, answer.meta);
}

const decodePart = ({ meta }: Payload) => decodeMeta(generatedPartSchema, meta);

const isOnRoute = ({ edges }: BuiltRoute, workerId: string): boolean =>
  edges.some(({ edge }) => edge.audience === workerId);
