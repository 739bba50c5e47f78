import type { PartSummary, PlanInput, ShapeOutcome, StagePlan, WorkerFacts } from './facts.ts';
import { type PartTable, stageBytes, trunkBytes } from './memory.ts';
import { spreadGroups } from './spread-groups.ts';
import { holdsWholeLayer, islandStage, wholeStage } from './stage-plan.ts';
import { ISLAND_RTT_MS, localMs, measuredRtt, predictTpotMs } from './timing.ts';

/** What a repair needs beside the plan's input: the parts by layer and the eligible workers in order. */
export interface RepairContext {
  readonly input: PlanInput;
  readonly table: PartTable;
  readonly workers: readonly WorkerFacts[];
}

/**
 * Mends `input.current`: what stands on eligible workers stays, only what was lost finds a new place. Returns it
 * unchanged when nothing was lost. Refuses when the wish changed or the lost parts have no place beside the others.
 */
export function repairPlacement({ input, table, workers }: RepairContext): ShapeOutcome {
  const { current } = input;
  if (current === undefined) return { refused: 'the model is not placed' };
  if (input.shape !== undefined && input.shape !== current.shape)
    return { refused: 'another shape is asked for' };
  const context = { input, table, workers };
  const stages =
    current.shape === 'island'
      ? repairIsland(context, current.stages)
      : repairStages(context, current.stages);
  if (stages === undefined) return { refused: 'the lost parts have no place beside those that stay' };
  if (input.spread === true && holdsWholeLayer(table, stages))
    return { refused: 'the experts are to be spread' };
  const byId = new Map(workers.map((worker) => [worker.peerId, worker]));
  return {
    candidate: { shape: current.shape, stages, tpotMs: predictTpotMs(input.model, table, stages, byId) },
  };
}

/** Replica and chain: each lost stage goes whole to a worker that has none yet. */
function repairStages(context: RepairContext, stages: readonly StagePlan[]): StagePlan[] | undefined {
  const byId = new Map(context.workers.map((worker) => [worker.peerId, worker]));
  const used = new Set(stages.map(({ workerId }) => workerId));
  const repaired: StagePlan[] = [];
  for (const stage of stages) {
    const { from, to } = stage;
    const holder = byId.get(stage.workerId);
    const needed = stageBytes(context.table, from, to);
    const stays = holder !== undefined && holder.availableBytes >= needed;
    const workerId = stays ? stage.workerId : substitute(context, used, from, to)?.peerId;
    if (workerId === undefined) return undefined;
    used.add(workerId);
    repaired.push(wholeStage(context.table, workerId, from, to));
  }
  return repaired;
}

function substitute(
  { input, table, workers }: RepairContext,
  used: ReadonlySet<string>,
  from: number,
  to: number,
): WorkerFacts | undefined {
  const speed = (worker: WorkerFacts) => localMs(input.model, table, worker, from, to);
  return workers
    .filter(
      ({ peerId, availableBytes }) => !used.has(peerId) && availableBytes >= stageBytes(table, from, to),
    )
    .toSorted((a, b) => speed(a) - speed(b))[0];
}

function repairIsland(context: RepairContext, stages: readonly StagePlan[]): StagePlan[] | undefined {
  const { input, table, workers } = context;
  const [stage] = stages;
  if (stage === undefined || workers.length < 2) return undefined;
  const kept = keptGroups(context, stage);
  const trunks = workers.filter(({ peerId }) => peerId === stage.workerId);
  for (const trunk of trunks.length > 0 ? trunks : trunkCandidates(context, kept)) {
    const members = workers.filter((worker) => nearEnough(input, kept, trunk, worker));
    const lonely = [...kept.keys()].some((peerId) => !members.some((member) => member.peerId === peerId));
    if (members.length < 2 || lonely) continue;
    const groups = spreadGroups({
      model: input.model,
      table,
      trunk,
      members,
      spread: input.spread === true,
      kept,
    });
    if (groups !== undefined) return [islandStage(trunk, stage.to, groups)];
  }
  return undefined;
}

/** The groups that stand on eligible workers, by peer id. */
function keptGroups({ table, workers }: RepairContext, stage: StagePlan): Map<string, PartSummary[]> {
  const groups = new Map(table.groups.flat().map((group) => [group.id, group]));
  const alive = new Set(workers.map(({ peerId }) => peerId));
  return new Map(
    stage.experts
      .filter(({ workerId }) => alive.has(workerId))
      .map(({ workerId, parts }) => [workerId, parts.flatMap((part) => groups.get(part) ?? [])]),
  );
}

/** Who can take a lost trunk: those with room for it beside what they hold, the fastest first. */
function trunkCandidates(
  { input, table, workers }: RepairContext,
  kept: ReadonlyMap<string, readonly PartSummary[]>,
): WorkerFacts[] {
  const needed = trunkBytes(table, 0, input.model.dims.layers);
  const holds = (worker: WorkerFacts) =>
    (kept.get(worker.peerId) ?? []).reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  return workers
    .filter((worker) => worker.availableBytes - holds(worker) >= needed)
    .toSorted((a, b) => b.readBytesPerSecond - a.readBytesPerSecond);
}

/** A shape asked for by name is not judged by round trips; who holds groups was near enough when they were placed. */
function nearEnough(
  input: PlanInput,
  kept: ReadonlyMap<string, unknown>,
  trunk: WorkerFacts,
  worker: WorkerFacts,
): boolean {
  if (input.shape === 'island') return true;
  const away = measuredRtt(trunk, worker);
  return away === null ? kept.has(worker.peerId) : away <= ISLAND_RTT_MS;
}
