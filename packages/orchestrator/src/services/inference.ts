import type { Clock } from '@rios/sdk/clock';
import { hasCode, RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { Placement } from '@rios/sdk/schema/route';
import type { ReadSummary } from '../loop/observe.ts';
import type { PlacementLoop } from '../loop/placement-loop.ts';
import type { WorkerRegistry } from '../p2p/worker-registry.ts';
import { getModel, type ModelRecord, setWanted } from '../store/models.ts';
import { insertRequest } from '../store/requests.ts';
import type { Store } from '../store/store.ts';
import { type GenerateModules, generateOnce } from './generate.ts';
import type { Inference, InferenceAnswer, InferenceRequest } from './inference-port.ts';
import { createRequestBooks } from './request-books.ts';
import type { BooksModules } from './settle-attempt.ts';
import { createUnendedRequests } from './unended-requests.ts';

/** Longest wait for a model to be placed. */
const PLACING_MS = 120_000;

export interface InferenceModules extends Omit<GenerateModules, 'onStart' | 'books'>, BooksModules {
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: Pick<WorkerRegistry, 'get' | 'suspect'>;
  readonly loop: Pick<PlacementLoop, 'readiness' | 'trigger'>;
  readonly readSummary: ReadSummary;
}

/** Answers prompts by workers: places what is not placed, routes, streams, checks receipts, keeps the books. */
export function createInference(modules: InferenceModules): Inference {
  const { store, clock } = modules;
  const unended = createUnendedRequests(modules);
  return {
    run: async (request) => {
      await unended.end();
      await insertRequest(store, {
        id: request.requestId,
        accountId: request.account,
        model: request.model,
        createdAt: clock.now(),
        orchestrator: modules.peer.peerId,
      });
      const books = createRequestBooks(modules, request);
      try {
        return await answer({ ...modules, books }, request);
      } catch (error) {
        await books.fail(error).catch((cause: unknown) => unended.add(request.requestId, cause));
        throw error;
      }
    },
  };
}

/** Runs once; and once more on the mended placement when a worker was lost, or too dear, before anything was answered. */
async function answer(
  modules: InferenceModules & Pick<GenerateModules, 'books'>,
  request: InferenceRequest,
): Promise<InferenceAnswer> {
  let started = false;
  const onStart = () => {
    started = true;
  };
  const model = await ensurePlaced(modules, request);
  try {
    return await generateOnce({ ...modules, onStart }, request, model);
  } catch (error) {
    if (isLoss(error)) await sweepSuspects(modules, model.placement);
    else if (hasCode(error, 'BILLING_PRICE')) await place(modules, model, request.signal);
    else if (!isMoved(error)) throw error;
    if (started || request.signal.aborted) throw asLost(error);
    const { code } = toRiosError(error);
    modules.log.warn('the placement does not stand any more; trying again', {
      requestId: request.requestId,
      code,
    });
  }
  const mended = await ensurePlaced(modules, request);
  return generateOnce({ ...modules, onStart }, request, mended).catch((error: unknown) => {
    throw asLost(error);
  });
}

/** A worker of the placement is gone, or cannot be reached by another. */
const isLoss = (error: unknown): boolean => hasCode(error, 'PEER_LOST') || hasCode(error, 'PEER_UNREACHABLE');

/** A worker of the placement takes no requests any more, or has not the parts yet. */
const isMoved = (error: unknown): boolean =>
  hasCode(error, 'CAPACITY_DRAINING') || hasCode(error, 'CAPACITY_PLACING');

/** To the caller a worker that cannot be reached is a lost one. */
function asLost(error: unknown): RiosError {
  if (!hasCode(error, 'PEER_UNREACHABLE')) return toRiosError(error);
  const { message, details } = toRiosError(error);
  return new RiosError('PEER_LOST', message, { cause: error, ...(details === undefined ? {} : { details }) });
}

/** The model with a placement all of whose workers take requests; waits for one. Throws CAPACITY_*, NOT_FOUND_MODEL. */
async function ensurePlaced(
  modules: InferenceModules,
  request: InferenceRequest,
): Promise<ModelRecord & { placement: Placement }> {
  const late = new AbortController();
  const stop = modules.clock.after(PLACING_MS, () => late.abort(placingError(request.model)));
  const signal = AbortSignal.any([request.signal, late.signal]);
  try {
    for (;;) {
      signal.throwIfAborted();
      const model = await readModel(modules.store, request.model);
      const { placement } = model;
      if (
        model.wanted &&
        model.state === 'ready' &&
        placement !== null &&
        takesRequests(modules, placement)
      ) {
        return { ...model, placement };
      }
      await place(modules, model, signal);
    }
  } catch (error) {
    if (request.signal.aborted) {
      throw new RiosError('USER_INTERRUPTED', 'the request was cancelled', { cause: error });
    }
    throw error;
  } finally {
    stop();
  }
}

async function readModel(store: Store, name: string): Promise<ModelRecord> {
  const model = await getModel(store, name);
  if (model !== undefined) return model;
  throw new RiosError('NOT_FOUND_MODEL', `there is no model ${name}`, { details: { model: name } });
}

/** Asks for an evaluation, and waits until it, or a later one, settles the model. */
async function place(
  { store, loop }: InferenceModules,
  model: ModelRecord,
  signal: AbortSignal,
): Promise<void> {
  if (!model.wanted) {
    const { name, wantedShape: shape, wantedSpread: spread, wantedMinStakeWei: minStakeWei } = model;
    await setWanted(store, name, { on: true, shape, spread, minStakeWei });
  }
  const evaluation = await loop.trigger(`${model.name} is asked for`);
  await loop.readiness.wait(model.name, evaluation, signal);
}

const placingError = (model: string): RiosError =>
  new RiosError('CAPACITY_PLACING', `${model} was not ready within ${PLACING_MS / 1000} s`);

const workersOf = (placement: Placement): string[] => [
  ...new Set(
    placement.stages.flatMap(({ workerId, experts }) => [workerId, ...experts.map((held) => held.workerId)]),
  ),
];

function takesRequests({ registry }: InferenceModules, placement: Placement): boolean {
  return workersOf(placement).every((id) => registry.get(id)?.state === 'listed');
}

/** After a loss: asks every worker of the placement for a sign of life, so that the next plan knows who is gone. */
async function sweepSuspects({ registry }: InferenceModules, placement: Placement | null): Promise<void> {
  if (placement === null) return;
  const reason = 'it did not answer during a request';
  await Promise.all(workersOf(placement).map((id) => registry.suspect(id, reason)));
}
