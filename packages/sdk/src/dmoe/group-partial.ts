import type { GroupEntries, GroupPartial } from '../wire/expert-codec.ts';
import { distinctRows } from './group-rows.ts';

/** Computes one expert: x [m, hidden] to y [m, hidden], row-major float32. */
export type RunExpert = (expert: number, x: Float32Array, m: number) => Promise<Float32Array>;

/**
 * One group's weighted partial sum: the only place where experts' outputs are summed, whoever asks.
 * All rows of an expert run together as one matrix; sums are taken in ascending expert order, each step
 * rounded to float32, so the bits depend on the call's rows alone, never on who computes them.
 */
export async function groupPartial(
  entries: GroupEntries,
  x: Float32Array,
  hidden: number,
  runExpert: RunExpert,
): Promise<GroupPartial> {
  const rows = distinctRows(entries);
  const y = new Float32Array(rows.length * hidden);
  const place = new Map(Array.from(rows, (row, at) => [row, at]));
  for (const [expert, picks] of byExpert(entries)) {
    const output = await runExpert(expert, gather(x, entries, picks, hidden), picks.length);
    for (let m = 0; m < picks.length; m++) {
      const pick = picks[m] ?? 0;
      const at = place.get(entries.rows[pick] ?? 0) ?? 0;
      addWeighted(y, at * hidden, output, m * hidden, hidden, entries.weights[pick] ?? 0);
    }
  }
  return { group: entries.group, rows, mass: groupMass(entries), y };
}

/** The gate weight that a group covers, row by row (ascending rows, experts added in ascending order). */
export function groupMass(entries: GroupEntries): Float32Array {
  const mass = new Float32Array(distinctRows(entries).length);
  let at = -1;
  for (let i = 0; i < entries.rows.length; i++) {
    if (i === 0 || entries.rows[i] !== entries.rows[i - 1]) at++;
    mass[at] = (mass[at] ?? 0) + (entries.weights[i] ?? 0);
  }
  return mass;
}

/** Entry numbers of each expert, experts ascending, rows ascending inside. */
function byExpert(entries: GroupEntries): [number, number[]][] {
  const picks = new Map<number, number[]>();
  for (let i = 0; i < entries.experts.length; i++) {
    const expert = entries.experts[i] ?? 0;
    const list = picks.get(expert);
    if (list === undefined) picks.set(expert, [i]);
    else list.push(i);
  }
  return [...picks].sort(([a], [b]) => a - b);
}

/** Copies the picked entries' rows of x into one [picks, hidden] matrix. */
function gather(x: Float32Array, entries: GroupEntries, picks: readonly number[], hidden: number) {
  const rows = new Float32Array(picks.length * hidden);
  picks.forEach((pick, m) => {
    const from = (entries.rows[pick] ?? 0) * hidden;
    rows.set(x.subarray(from, from + hidden), m * hidden);
  });
  return rows;
}

function addWeighted(
  y: Float32Array,
  to: number,
  output: Float32Array,
  from: number,
  hidden: number,
  weight: number,
): void {
  for (let i = 0; i < hidden; i++) {
    y[to + i] = (y[to + i] ?? 0) + Math.fround(weight * (output[from + i] ?? 0));
  }
}
