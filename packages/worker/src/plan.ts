/**
 * What a worker should do next, from what it is asked to hold and what it holds: ordered rules over plain data.
 * The loop in worker.ts carries the actions out; asking again after each change gives the next ones.
 */

/** One part's state on this machine. `fetched`: its files are here and checked. */
export type PartStatus =
  | { readonly state: 'fetching'; readonly fetchedBytes: number }
  /** Its fetch was told to stop, and has not yet. */
  | { readonly state: 'cancelling' }
  | { readonly state: 'fetched' }
  | { readonly state: 'loading' }
  | { readonly state: 'ready' }
  | { readonly state: 'unloading' }
  | { readonly state: 'failed'; readonly error: string; readonly retryAt: number };

/** One model as it is on this machine. Times are milliseconds. */
export interface ObservedModel {
  readonly parts: ReadonlyMap<string, PartStatus>;
  /** Whether an open session computes with it: then its files stay. (The engine keeps unloaded parts that long.) */
  readonly inUse: boolean;
  readonly onDisk: boolean;
  /** Since when no assignment names it; undefined while one does. */
  readonly unassignedSince: number | undefined;
}

export interface Observation {
  readonly models: ReadonlyMap<string, ObservedModel>;
  /** A fetch failed for want of space, and no space was made since. */
  readonly diskShort: boolean;
}

/** Model hash -> part ids that this worker is asked to hold. */
export type Desired = ReadonlyMap<string, readonly string[]>;

export type Action =
  | { readonly kind: 'cancel'; readonly modelHash: string; readonly partId: string }
  | { readonly kind: 'forget'; readonly modelHash: string; readonly partId: string }
  | { readonly kind: 'unload'; readonly modelHash: string; readonly partIds: readonly string[] }
  | { readonly kind: 'load'; readonly modelHash: string; readonly partIds: readonly string[] }
  | { readonly kind: 'fetch'; readonly modelHash: string; readonly partId: string }
  | { readonly kind: 'remove'; readonly modelHash: string };

export interface Plan {
  readonly actions: readonly Action[];
  /** When to ask again although nothing changed; undefined = not before something does. */
  readonly wakeAt: number | undefined;
}

/** Parts fetched at the same time; each part's own chunks are asked ahead. */
export const MAX_FETCHES = 4;
/** How long the files of a model that nobody asks for are kept. */
export const KEEP_UNASSIGNED_MS = 3_600_000;

/** Next actions, in the order in which to begin them. Empty when observed equals desired. */
export function plan(desired: Desired, observation: Observation, now: number): Plan {
  const actions = [
    ...stopUnassigned(desired, observation),
    ...loadFetched(desired, observation),
    ...fetchMissing(desired, observation, now),
    ...removeUnassigned(desired, observation, now),
  ];
  return { actions, wakeAt: nextWake(desired, observation, now) };
}

function stopUnassigned(desired: Desired, { models }: Observation): Action[] {
  const actions: Action[] = [];
  for (const [modelHash, model] of models) {
    const wanted = new Set(desired.get(modelHash));
    const unload: string[] = [];
    for (const [partId, { state }] of model.parts) {
      if (wanted.has(partId)) continue;
      if (state === 'fetching') actions.push({ kind: 'cancel', modelHash, partId });
      if (state === 'fetched' || state === 'failed') actions.push({ kind: 'forget', modelHash, partId });
      if (state === 'ready') unload.push(partId);
    }
    if (unload.length > 0) actions.push({ kind: 'unload', modelHash, partIds: unload });
  }
  return actions;
}

function loadFetched(desired: Desired, { models }: Observation): Action[] {
  const actions: Action[] = [];
  for (const [modelHash, wanted] of desired) {
    const parts = models.get(modelHash)?.parts;
    const partIds = wanted.filter((partId) => parts?.get(partId)?.state === 'fetched');
    if (partIds.length > 0) actions.push({ kind: 'load', modelHash, partIds });
  }
  return actions;
}

function fetchMissing(desired: Desired, { models }: Observation, now: number): Action[] {
  const all = [...models.values()].flatMap((model) => [...model.parts.values()]);
  let free = MAX_FETCHES - all.filter(({ state }) => state === 'fetching' || state === 'cancelling').length;
  const actions: Action[] = [];
  for (const [modelHash, wanted] of desired) {
    for (const partId of wanted) {
      if (free <= 0) return actions;
      const part = models.get(modelHash)?.parts.get(partId);
      const due = part === undefined || (part.state === 'failed' && part.retryAt <= now);
      if (!due) continue;
      actions.push({ kind: 'fetch', modelHash, partId });
      free--;
    }
  }
  return actions;
}

function removeUnassigned(desired: Desired, { models, diskShort }: Observation, now: number): Action[] {
  const actions: Action[] = [];
  for (const [modelHash, model] of models) {
    if (!model.onDisk || desired.has(modelHash) || model.inUse || model.parts.size > 0) continue;
    const expired = (model.unassignedSince ?? now) + KEEP_UNASSIGNED_MS <= now;
    if (expired || diskShort) actions.push({ kind: 'remove', modelHash });
  }
  return actions;
}

function nextWake(desired: Desired, { models }: Observation, now: number): number | undefined {
  const times: number[] = [];
  for (const [modelHash, model] of models) {
    for (const part of model.parts.values()) if (part.state === 'failed') times.push(part.retryAt);
    if (model.onDisk && !desired.has(modelHash))
      times.push((model.unassignedSince ?? now) + KEEP_UNASSIGNED_MS);
  }
  const later = times.filter((time) => time > now);
  return later.length === 0 ? undefined : Math.min(...later);
}

/** Milliseconds to wait before a failed part is tried again: doubling from 1 s to 60 s, with up to 20 % of jitter. */
export function retryDelayMs(attempts: number, random: () => number): number {
  const base = Math.min(60_000, 1000 * 2 ** Math.min(attempts, 10));
  return Math.round(base * (1 + 0.2 * random()));
}
