import { RiosError } from '../errors/error.ts';
import type { GroupEntries } from '../wire/expert-codec.ts';

/** What a layer's gate chose for `rows` tokens. */
export interface GateChoice {
  readonly rows: number;
  readonly topK: number;
  /** [rows, topK] expert indices of the layer, exact in float32. */
  readonly indices: Float32Array;
  /** [rows, topK] gate weights. */
  readonly weights: Float32Array;
}

interface Entry {
  readonly row: number;
  readonly expert: number;
  readonly weight: number;
}

/**
 * Sorts a gate's choice into the layer's expert groups: groups ascend, and inside a group entries ascend by
 * (row, expert). This order is part of the numeric contract. Groups nobody chose are absent.
 * Throws RUNTIME_SESSION when the gate names an expert that the layer does not have, or one twice for a row.
 */
export function groupRows(
  choice: GateChoice,
  layer: { readonly experts: number; readonly groupSize: number },
): GroupEntries[] {
  const groups = new Map<number, Entry[]>();
  for (let row = 0; row < choice.rows; row++) {
    for (const entry of rowEntries(choice, row, layer.experts)) {
      const group = Math.floor(entry.expert / layer.groupSize);
      const entries = groups.get(group);
      if (entries === undefined) groups.set(group, [entry]);
      else entries.push(entry);
    }
  }
  return [...groups].sort(([a], [b]) => a - b).map(([group, entries]) => toColumns(group, entries));
}

/** One row's experts, ascending. */
function rowEntries(choice: GateChoice, row: number, experts: number): Entry[] {
  const entries: Entry[] = [];
  for (let i = row * choice.topK; i < (row + 1) * choice.topK; i++) {
    const expert = choice.indices[i] ?? Number.NaN;
    if (!Number.isInteger(expert) || expert < 0 || expert >= experts) throw badGate(row, expert);
    entries.push({ row, expert, weight: choice.weights[i] ?? 0 });
  }
  entries.sort((a, b) => a.expert - b.expert);
  for (let i = 1; i < entries.length; i++) {
    const expert = entries[i]?.expert ?? 0;
    if (entries[i - 1]?.expert === expert) throw badGate(row, expert);
  }
  return entries;
}

const badGate = (row: number, expert: number) =>
  new RiosError('RUNTIME_SESSION', 'the gate chose an impossible expert', { details: { row, expert } });

function toColumns(group: number, entries: readonly Entry[]): GroupEntries {
  return {
    group,
    rows: Uint32Array.from(entries, (entry) => entry.row),
    experts: Uint32Array.from(entries, (entry) => entry.expert),
    weights: Float32Array.from(entries, (entry) => entry.weight),
  };
}

/** The distinct rows of a group, ascending: entries already ascend by row. */
export function distinctRows(entries: GroupEntries): Uint32Array {
  return entries.rows.filter((row, i) => i === 0 || row !== entries.rows[i - 1]);
}
