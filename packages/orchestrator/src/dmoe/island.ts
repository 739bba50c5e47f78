import { chooseCandidate } from './choose.ts';
import {
  type Candidate,
  compareText,
  type ModelSummary,
  type PartSummary,
  type ShapeOutcome,
  type WorkerFacts,
} from './facts.ts';
import { type PartTable, trunkBytes } from './memory.ts';
import { spreadGroups } from './spread-groups.ts';
import { islandStage } from './stage-plan.ts';
import { ISLAND_RTT_MS, measuredRtt, predictTpotMs } from './timing.ts';

/** Most workers of one island: a stage may name this many expert workers. */
const MAX_MEMBERS = 128;
/** Trunks tried, the fastest readers first. */
const MAX_TRUNKS = 16;

export interface IslandOptions {
  /** Asked for by name: round trips are not judged, and every worker that can takes part. */
  readonly forced: boolean;
  readonly spread: boolean;
}

/** One trunk worker, with the expert groups of all layers spread over the workers near it. */
export function planIsland(
  model: ModelSummary,
  table: PartTable,
  workers: readonly WorkerFacts[],
  options: IslandOptions,
): ShapeOutcome {
  if (model.mode === 'stages')
    return { refused: 'the model was split by stages, whose experts stay together' };
  if (workers.length < 2) return { refused: `an island needs 2 workers; ${workers.length} can be used` };
  const needed = trunkBytes(table, 0, model.dims.layers);
  const trunks = workers
    .filter(({ availableBytes }) => availableBytes >= needed)
    .toSorted((a, b) => b.readBytesPerSecond - a.readBytesPerSecond || compareText(a.peerId, b.peerId))
    .slice(0, MAX_TRUNKS);
  if (trunks.length === 0) return { refused: `no worker has the ${needed} bytes that the trunk needs` };
  const near = trunks.map((trunk) => ({ trunk, members: membersOf(trunk, workers, options.forced) }));
  if (near.every(({ members }) => members.length < 2)) {
    return { refused: `no two workers have a measured round trip of ${ISLAND_RTT_MS} ms or less` };
  }
  const byId = new Map(workers.map((worker) => [worker.peerId, worker]));
  const candidates = near.flatMap(({ trunk, members }) =>
    sizesOf(members.length, options).flatMap((size) => {
      const experts = spreadGroups({
        table,
        model,
        trunk,
        members: members.slice(0, size),
        spread: options.spread,
      });
      return experts === undefined ? [] : [toCandidate(model, table, trunk, experts, byId)];
    }),
  );
  const candidate = chooseCandidate(candidates, byId);
  if (candidate !== undefined) return { candidate };
  return { refused: whyNot(table, options) };
}

/** The trunk, then the others by round trip: within an island's, unless the shape is forced. */
function membersOf(trunk: WorkerFacts, workers: readonly WorkerFacts[], forced: boolean): WorkerFacts[] {
  const away = (worker: WorkerFacts) => measuredRtt(trunk, worker) ?? Number.POSITIVE_INFINITY;
  const order = (worker: WorkerFacts) => Math.min(away(worker), Number.MAX_VALUE);
  return workers
    .filter((worker) => forced || away(worker) <= ISLAND_RTT_MS)
    .toSorted((a, b) => {
      if (a === trunk || b === trunk) return a === trunk ? -1 : 1;
      return order(a) - order(b) || compareText(a.peerId, b.peerId);
    })
    .slice(0, MAX_MEMBERS);
}

/** Island sizes to try: the largest alone when forced, so that every worker takes part if memory allows. */
function sizesOf(members: number, { forced }: IslandOptions): number[] {
  if (members < 2) return [];
  return forced ? [members] : Array.from({ length: members - 1 }, (_, index) => index + 2);
}

function toCandidate(
  model: ModelSummary,
  table: PartTable,
  trunk: WorkerFacts,
  experts: ReadonlyMap<string, readonly PartSummary[]>,
  byId: ReadonlyMap<string, WorkerFacts>,
): Candidate {
  const stages = [islandStage(trunk, model.dims.layers, experts)];
  return { shape: 'island', stages, tpotMs: predictTpotMs(model, table, stages, byId) };
}

function whyNot(table: PartTable, { spread }: IslandOptions): string {
  const single = table.groups.some((groups) => groups.length < 2);
  if (spread && single) return 'a layer has one expert group, so one worker would hold all of its experts';
  return 'the expert groups do not fit into the memory of the workers near any trunk';
}
