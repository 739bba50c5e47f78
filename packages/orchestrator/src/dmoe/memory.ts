import type { ModelSummary, PartSummary } from './facts.ts';

/** Bytes of one key/value cache row of one layer: keys and values, float32. */
const cacheRowBytes = ({ dims }: ModelSummary): number => 2 * dims.kvHeads * dims.headDim * 4;

/** A model's parts by where they belong. */
export interface PartTable {
  /** Trunk part of each layer. */
  readonly trunks: readonly PartSummary[];
  /** Expert groups of each layer, ascending. */
  readonly groups: readonly (readonly PartSummary[])[];
  /** `embed` and `head`: they live with the first stage. */
  readonly ends: readonly PartSummary[];
  /** Cache of one session of full context, per layer. */
  readonly cacheBytes: number;
}

/** Sorts the parts of `model` by layer and kind. */
export function tableOf(model: ModelSummary): PartTable {
  const trunks: PartSummary[] = [];
  const groups: PartSummary[][] = Array.from({ length: model.dims.layers }, () => []);
  const ends: PartSummary[] = [];
  for (const part of model.parts) {
    if (part.kind === 'trunk') trunks[part.layer] = part;
    else if (part.kind === 'experts') groups[part.layer]?.push(part);
    else ends.push(part);
  }
  for (const layer of groups) layer.sort((a, b) => a.group - b.group);
  return { trunks, groups, ends, cacheBytes: cacheRowBytes(model) * model.dims.context };
}

export const memoryOf = (parts: readonly PartSummary[]): number =>
  parts.reduce((sum, part) => sum + part.memoryBytes, 0);

/** Memory of the trunk of layers [from, to) and its cache; with `embed` and `head` for the first stage. */
export function trunkBytes(table: PartTable, from: number, to: number): number {
  const trunk = memoryOf(table.trunks.slice(from, to)) + (to - from) * table.cacheBytes;
  return from === 0 ? trunk + memoryOf(table.ends) : trunk;
}

/** Memory of the expert groups of layers [from, to). */
function expertsBytes(table: PartTable, from: number, to: number): number {
  return table.groups.slice(from, to).reduce((sum, groups) => sum + memoryOf(groups), 0);
}

/** Memory of layers [from, to) whole: trunk, cache and all their experts. */
export function stageBytes(table: PartTable, from: number, to: number): number {
  return trunkBytes(table, from, to) + expertsBytes(table, from, to);
}

/** Part ids that the worker of a stage holds for its trunk. */
export function trunkParts(table: PartTable, from: number, to: number): string[] {
  const ends = from === 0 ? table.ends : [];
  return [...ends, ...table.trunks.slice(from, to)].map(({ id }) => id);
}

/** Ids of all expert groups of layers [from, to). */
export function expertParts(table: PartTable, from: number, to: number): string[] {
  return table.groups.slice(from, to).flatMap((groups) => groups.map(({ id }) => id));
}
