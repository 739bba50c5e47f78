import type { Placement } from '@rios/sdk/schema/route';
import type { WorkerFacts } from '../dmoe/facts.ts';
import { planPlacement } from '../dmoe/place.ts';
import { partsByWorker } from '../dmoe/reserved.ts';
import type { Shortage } from '../dmoe/shortage.ts';
import type { DesiredModel, Exclusion, ModelOutcome, ObservedWorker } from './observed.ts';

type Bare = Omit<ModelOutcome, 'name' | 'changed' | 'wish'>;

/**
 * What becomes of one model. `reserved`: bytes that other models take on each worker.
 * A worker that is only just coming back keeps its parts until it is known whether it does.
 */
export function evaluateModel(
  model: DesiredModel,
  workers: readonly ObservedWorker[],
  exclusions: readonly Exclusion[],
  reserved: ReadonlyMap<string, number>,
): ModelOutcome {
  const outcome = model.wanted ? placeModel(model, workers, exclusions, reserved) : restModel(model);
  const changed =
    outcome.state !== model.state || outcome.reason !== model.reason || outcome.placement !== model.placement;
  return { name: model.summary.name, ...outcome, changed, wish: model.wish };
}

function restModel({ state, reason, placement }: DesiredModel): Bare {
  const resting = state === 'stored' && placement === null;
  return { state: 'stored', reason: resting ? reason : 'not on any worker', placement: null, shortage: null };
}

function placeModel(
  model: DesiredModel,
  workers: readonly ObservedWorker[],
  exclusions: readonly Exclusion[],
  reserved: ReadonlyMap<string, number>,
): Bare {
  const joining = workers.filter(({ state }) => state === 'joining');
  const awaited = joining.filter(({ peerId }) => isPlacedOn(model.placement, peerId));
  if (awaited.length > 0) return waiting(model.placement, awaited);
  const facts = workers.map((worker) => toFacts(model, worker, exclusions, reserved));
  const outcome = planPlacement({
    model: model.summary,
    workers: facts.map((worker, index) => bar(worker, workers[index]?.barred ?? null)),
    spread: model.spread,
    minStakeWei: model.minStakeWei,
    ...(model.shape === null ? {} : { shape: model.shape }),
    ...(model.placement === null ? {} : { current: model.placement }),
  });
  if ('placement' in outcome) return progress(model, outcome.placement, workers);
  if (joining.length > 0) return waiting(null, joining);
  return short(model, facts, outcome.shortage);
}

const bar = (worker: WorkerFacts, reason: string | null): WorkerFacts =>
  reason === null ? worker : { ...worker, excluded: worker.excluded ?? reason };

const isPlacedOn = (placement: Placement | null, peerId: string): boolean =>
  placement?.stages.some(
    ({ workerId, experts }) => workerId === peerId || experts.some((held) => held.workerId === peerId),
  ) === true;

function waiting(placement: Placement | null, workers: readonly ObservedWorker[]): Bare {
  const names = workers.map(({ offer }) => offer.name).join(', ');
  return { state: 'placing', reason: `waiting for ${names} to join`, placement, shortage: null };
}

/** A placement is ready when each of its parts is ready where it belongs. */
function progress(model: DesiredModel, placement: Placement, workers: readonly ObservedWorker[]): Bare {
  const wanted = partsByWorker(model.summary, placement);
  const total = [...wanted.values()].reduce((sum, parts) => sum + parts.length, 0);
  const ready = workers.reduce((sum, worker) => {
    const held = new Set(readyParts(model, worker));
    return sum + (wanted.get(worker.peerId) ?? []).filter((part) => held.has(part)).length;
  }, 0);
  if (ready === total) {
    return {
      state: 'ready',
      reason: placement.reason ?? `placed as ${placement.shape}`,
      placement,
      shortage: null,
    };
  }
  return { state: 'placing', reason: `${ready} of ${total} parts are ready`, placement, shortage: null };
}

function readyParts({ summary }: DesiredModel, { parts, upToDate }: ObservedWorker): string[] {
  if (!upToDate) return [];
  return parts
    .filter(({ modelHash, state }) => modelHash === summary.modelHash && state === 'ready')
    .map(({ partId }) => partId);
}

/** Where parts failed and no other worker can take them, they stay: the worker tries again by itself. */
function short(model: DesiredModel, facts: readonly WorkerFacts[], shortage: Shortage): Bare {
  const failed = facts.find(
    ({ peerId, state, excluded }) =>
      excluded !== null && state === 'listed' && isPlacedOn(model.placement, peerId),
  );
  const standing = facts.every(
    ({ peerId, state }) => state === 'listed' || !isPlacedOn(model.placement, peerId),
  );
  if (failed !== undefined && standing) {
    const reason = `on ${failed.name} ${failed.excluded}`.slice(0, 500);
    return { state: 'failed', reason, placement: model.placement, shortage };
  }
  return { state: 'failed', reason: shortage.message, placement: null, shortage };
}

function toFacts(
  { summary, placement }: DesiredModel,
  worker: ObservedWorker,
  exclusions: readonly Exclusion[],
  reserved: ReadonlyMap<string, number>,
): WorkerFacts {
  const here = worker.parts.filter(({ modelHash }) => modelHash === summary.modelHash);
  const recovered = isPlacedOn(placement, worker.peerId) && here.every(({ state }) => state !== 'failed');
  const excluded = exclusions.find(
    ({ modelHash, workerId }) => modelHash === summary.modelHash && workerId === worker.peerId && !recovered,
  );
  return {
    peerId: worker.peerId,
    name: worker.offer.name,
    state: worker.state,
    reason: worker.reason,
    excluded: excluded?.reason ?? null,
    availableBytes: worker.offer.memoryBytes - (reserved.get(worker.peerId) ?? 0),
    threads: worker.offer.engine.threads,
    readBytesPerSecond: worker.offer.readBytesPerSecond,
    expertMs: worker.offer.expertMs,
    rttMs: worker.rttMs,
    sessions: worker.sessions,
    stakeWei: worker.stakeWei,
    held: here.filter(({ state }) => state !== 'failed').map(({ partId }) => partId),
  };
}
