import { chooseCandidate } from './choose.ts';
import {
  type Candidate,
  compareText,
  type ModelSummary,
  type ShapeOutcome,
  type WorkerFacts,
} from './facts.ts';
import { type PartTable, stageBytes } from './memory.ts';
import { wholeStage } from './stage-plan.ts';
import { localMs, measuredRtt, predictTpotMs, UNMEASURED_RTT_MS } from './timing.ts';

/** More stages than this only add hops and ways to break. */
const MAX_STAGES = 32;

/** Layers [from, to) that are cut off together. */
type Unit = readonly [number, number];

/**
 * Contiguous stages, each with its experts, on 2 and more workers: for each count, the workers with the most
 * memory and those with the most speed are tried, split so that the slowest stage is as fast as memory allows.
 */
export function planChain(
  model: ModelSummary,
  table: PartTable,
  workers: readonly WorkerFacts[],
): ShapeOutcome {
  const units = unitsOf(model);
  if (units.length < 2) return { refused: 'the model cannot be cut: it has one stage' };
  const smallest = Math.min(...units.map(([from, to]) => stageBytes(table, Math.max(1, from), to)));
  const able = workers.filter(({ availableBytes }) => availableBytes >= smallest);
  if (able.length < 2)
    return { refused: `a chain needs 2 workers that can hold a stage; ${able.length} can` };
  const byId = new Map(able.map((worker) => [worker.peerId, worker]));
  const candidates: Candidate[] = [];
  for (let count = 2; count <= Math.min(able.length, units.length, MAX_STAGES); count++) {
    for (const ring of ringsOf(model, table, able, count)) {
      const stages = splitOver(model, table, units, ring);
      if (stages === undefined) continue;
      candidates.push({ shape: 'chain', stages, tpotMs: predictTpotMs(model, table, stages, byId) });
    }
  }
  const candidate = chooseCandidate(candidates, byId);
  if (candidate !== undefined) return { candidate };
  return { refused: `no split into stages fits the memory of ${able.length} workers` };
}

/** What stays together: the manifest's stages, or else single layers. */
const unitsOf = (model: ModelSummary): readonly Unit[] =>
  model.stages.length > 0
    ? model.stages
    : Array.from({ length: model.dims.layers }, (_, layer): Unit => [layer, layer + 1]);

/** Sets of `count` workers worth trying, each in the order of its stages. */
function ringsOf(
  model: ModelSummary,
  table: PartTable,
  workers: readonly WorkerFacts[],
  count: number,
): WorkerFacts[][] {
  const bySize = (a: WorkerFacts, b: WorkerFacts) =>
    b.availableBytes - a.availableBytes || compareText(a.peerId, b.peerId);
  const speed = new Map(
    workers.map((worker) => [worker.peerId, localMs(model, table, worker, 0, model.dims.layers)]),
  );
  const bySpeed = (a: WorkerFacts, b: WorkerFacts) =>
    (speed.get(a.peerId) ?? 0) - (speed.get(b.peerId) ?? 0) || compareText(a.peerId, b.peerId);
  const held = (a: WorkerFacts, b: WorkerFacts) => b.held.length - a.held.length || bySpeed(a, b);
  return [bySize, bySpeed, held].flatMap((order) => {
    const chosen = workers.toSorted(order).slice(0, count);
    return [chosen, nearestFirst(chosen)];
  });
}

/** Keeps the first and puts the nearest of the rest behind each. */
function nearestFirst(workers: readonly WorkerFacts[]): WorkerFacts[] {
  const [start, ...rest] = workers;
  const ring = start === undefined ? [] : [start];
  while (rest.length > 0) {
    const last = ring.at(-1);
    const away = (worker: WorkerFacts) =>
      last === undefined ? 0 : (measuredRtt(last, worker) ?? UNMEASURED_RTT_MS);
    const nearest = rest.reduce((best, worker) => (away(worker) < away(best) ? worker : best));
    ring.push(nearest);
    rest.splice(rest.indexOf(nearest), 1);
  }
  return ring;
}

interface Cut {
  readonly worstMs: number;
  /** Index of the unit where the last stage begins. */
  readonly begin: number;
}

/**
 * Cuts the units into one run for each worker of `ring` so that memory holds and the slowest stage is fastest:
 * dynamic programming over (workers used, units placed). Undefined when no cut fits.
 */
function splitOver(
  model: ModelSummary,
  table: PartTable,
  units: readonly Unit[],
  ring: readonly WorkerFacts[],
): Candidate['stages'] | undefined {
  const layerAt = (unit: number) => units[unit]?.[0] ?? model.dims.layers;
  let reached = new Map<number, Cut>([[0, { worstMs: 0, begin: 0 }]]);
  const history: Map<number, Cut>[] = [];
  for (const worker of ring) {
    const next = new Map<number, Cut>();
    for (const [begin, { worstMs }] of reached) {
      for (let end = begin + 1; end <= units.length; end++) {
        const [from, to] = [layerAt(begin), layerAt(end)];
        if (stageBytes(table, from, to) > worker.availableBytes) break;
        const worst = Math.max(worstMs, localMs(model, table, worker, from, to));
        if (worst < (next.get(end)?.worstMs ?? Number.POSITIVE_INFINITY))
          next.set(end, { worstMs: worst, begin });
      }
    }
    history.push(next);
    reached = next;
  }
  if (!reached.has(units.length)) return undefined;
  return readBack(table, ring, history, units.length, layerAt);
}

function readBack(
  table: PartTable,
  ring: readonly WorkerFacts[],
  history: readonly Map<number, Cut>[],
  unitCount: number,
  layerAt: (unit: number) => number,
): Candidate['stages'] {
  let end = unitCount;
  return ring
    .toReversed()
    .map(({ peerId }, fromLast) => {
      const begin = history[ring.length - 1 - fromLast]?.get(end)?.begin ?? 0;
      const [from, to] = [layerAt(begin), layerAt(end)];
      end = begin;
      return wholeStage(table, peerId, from, to);
    })
    .toReversed();
}
