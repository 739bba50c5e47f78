import { compareText, type PartSummary, type StagePlan, type WorkerFacts } from './facts.ts';
import { expertParts, type PartTable } from './memory.ts';

/** Layers [from, to) whole on one worker. */
export function wholeStage(table: PartTable, workerId: string, from: number, to: number): StagePlan {
  return { workerId, from, to, experts: [{ workerId, parts: expertParts(table, from, to) }] };
}

/** One stage over all layers, with the groups of each worker in layer order. */
export function islandStage(
  trunk: WorkerFacts,
  layers: number,
  groups: ReadonlyMap<string, readonly PartSummary[]>,
): StagePlan {
  const experts = [...groups]
    .filter(([, held]) => held.length > 0)
    .map(([workerId, held]) => ({
      workerId,
      parts: held.toSorted((a, b) => a.layer - b.layer || a.group - b.group).map(({ id }) => id),
    }))
    .toSorted((a, b) => compareText(a.workerId, b.workerId));
  return { workerId: trunk.peerId, from: 0, to: layers, experts };
}

/** Whether one worker has all expert groups of some layer. */
export function holdsWholeLayer(table: PartTable, stages: readonly StagePlan[]): boolean {
  return stages.some(({ experts, from, to }) =>
    experts.some(({ parts }) => {
      const held = new Set(parts);
      return table.groups.slice(from, to).some((groups) => groups.every(({ id }) => held.has(id)));
    }),
  );
}
