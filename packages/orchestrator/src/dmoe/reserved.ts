import type { Placement } from '@rios/sdk/schema/route';
import type { ModelSummary } from './facts.ts';
import { memoryOf, tableOf, trunkBytes, trunkParts } from './memory.ts';

/** Bytes that a placement takes on each of its workers: parts, and the cache of one session per stage. */
export function reservedBytes(model: ModelSummary, placement: Placement): Map<string, number> {
  const table = tableOf(model);
  const groups = new Map(table.groups.flat().map((group) => [group.id, group]));
  const reserved = new Map<string, number>();
  const reserve = (workerId: string, bytes: number) =>
    reserved.set(workerId, (reserved.get(workerId) ?? 0) + bytes);
  for (const { workerId, from, to, experts } of placement.stages) {
    reserve(workerId, trunkBytes(table, from, to));
    for (const held of experts) {
      reserve(held.workerId, memoryOf(held.parts.flatMap((part) => groups.get(part) ?? [])));
    }
  }
  return reserved;
}

/** The parts that a placement wants on each of its workers, in the order of their ids. */
export function partsByWorker(model: ModelSummary, placement: Placement): Map<string, string[]> {
  const table = tableOf(model);
  const parts = new Map<string, Set<string>>();
  const add = (workerId: string, ids: readonly string[]) => {
    const held = parts.get(workerId) ?? new Set();
    for (const id of ids) held.add(id);
    parts.set(workerId, held);
  };
  for (const { workerId, from, to, experts } of placement.stages) {
    add(workerId, trunkParts(table, from, to));
    for (const held of experts) add(held.workerId, held.parts);
  }
  return new Map([...parts].map(([workerId, ids]) => [workerId, [...ids].toSorted()]));
}
