import { partsByWorker } from '../dmoe/reserved.ts';
import type { AssignedModel, DesiredModel, ModelOutcome, ObservedWorker } from './observed.ts';

/** Members told as sources of a model's files, at most. */
const MAX_SOURCES = 64;

/**
 * What each connected worker shall hold, all of it: parts of every placed model. Two names of one model are one
 * entry, since parts are known by the model's hash.
 */
export function assignModels(
  models: readonly DesiredModel[],
  outcomes: ReadonlyMap<string, ModelOutcome>,
  workers: readonly ObservedWorker[],
): Map<string, AssignedModel[]> {
  const connected = workers.filter(({ state }) => state === 'listed' || state === 'draining');
  const assignments = new Map<string, AssignedModel[]>(connected.map(({ peerId }) => [peerId, []]));
  for (const { summary, manifestBytes } of models) {
    const placement = outcomes.get(summary.name)?.placement ?? null;
    if (placement === null) continue;
    const sources = sourcesOf(summary.modelHash, connected);
    for (const [workerId, parts] of partsByWorker(summary, placement)) {
      const assigned = assignments.get(workerId);
      if (assigned === undefined) continue;
      merge(assigned, {
        modelHash: summary.modelHash,
        name: summary.name,
        manifestBytes,
        parts,
        sources: sources.filter((peerId) => peerId !== workerId).slice(0, MAX_SOURCES),
      });
    }
  }
  return assignments;
}

/** Workers that have at least one part of the model ready, so its files whole. */
const sourcesOf = (modelHash: string, workers: readonly ObservedWorker[]): string[] =>
  workers
    .filter(({ parts }) => parts.some((part) => part.modelHash === modelHash && part.state === 'ready'))
    .map(({ peerId }) => peerId);

function merge(assigned: AssignedModel[], model: AssignedModel): void {
  const index = assigned.findIndex(({ modelHash }) => modelHash === model.modelHash);
  const known = assigned[index];
  if (known === undefined) assigned.push(model);
  else assigned[index] = { ...known, parts: [...new Set([...known.parts, ...model.parts])].toSorted() };
}
