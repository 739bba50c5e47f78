import type { ObservedPart } from '@rios/sdk/schema/worker';
import type { Desired, ObservedModel, PartStatus } from './plan.ts';

/** What the loop knows of one model: the plan's view, writable. */
export interface HeldModel {
  readonly parts: Map<string, PartStatus>;
  /** Stops the fetch of a part. */
  readonly fetches: Map<string, AbortController>;
  /** Failures of a part since it was last ready. */
  readonly failures: Map<string, number>;
  onDisk: boolean;
  unassignedSince: number | undefined;
}

/** The models of this machine by hash. */
export type HeldModels = Map<string, HeldModel>;

/** The model's entry, created when missing. */
export function heldModel(models: HeldModels, modelHash: string): HeldModel {
  const found = models.get(modelHash);
  if (found !== undefined) return found;
  const created: HeldModel = {
    parts: new Map(),
    fetches: new Map(),
    failures: new Map(),
    onDisk: false,
    unassignedSince: undefined,
  };
  models.set(modelHash, created);
  return created;
}

/** Notes since when no assignment names a model, and forgets those of which nothing is left. */
export function noteAssignment(models: HeldModels, desired: Desired, now: number): void {
  for (const modelHash of desired.keys()) heldModel(models, modelHash).unassignedSince = undefined;
  for (const [modelHash, model] of models) {
    if (desired.has(modelHash)) continue;
    model.unassignedSince ??= now;
    if (!model.onDisk && model.parts.size === 0) models.delete(modelHash);
  }
}

/** The plan's view of the models. */
export function observe(
  models: HeldModels,
  isInUse: (modelHash: string) => boolean,
): ReadonlyMap<string, ObservedModel> {
  return new Map(
    Array.from(models, ([modelHash, { parts, onDisk, unassignedSince }]) => [
      modelHash,
      { parts, onDisk, unassignedSince, inUse: isInUse(modelHash) },
    ]),
  );
}

/** The heartbeat's view: assigned parts that are here, or on their way. */
export function observedParts(models: HeldModels, desired: Desired): ObservedPart[] {
  const all: ObservedPart[] = [];
  for (const [modelHash, partIds] of desired) {
    for (const partId of partIds) {
      const status = models.get(modelHash)?.parts.get(partId);
      if (status !== undefined) all.push({ modelHash, partId, ...stateOf(status) });
    }
  }
  return all;
}

function stateOf(status: PartStatus): Pick<ObservedPart, 'state' | 'fetchedBytes' | 'error'> {
  switch (status.state) {
    case 'fetching':
      return { state: 'fetching', fetchedBytes: status.fetchedBytes };
    case 'failed':
      return { state: 'failed', error: status.error.slice(0, 300) };
    case 'ready':
      return { state: 'ready' };
    case 'fetched':
    case 'loading':
    case 'unloading':
    case 'cancelling':
      return { state: 'loading' };
  }
}
