import type { ExpertsRequest, GroupEntries, GroupPartial } from '../wire/expert-codec.ts';

/** What one peer is asked in one layer: only the rows that its groups need, renumbered from 0. */
export interface PeerRequest {
  readonly request: ExpertsRequest;
  /** Row of the caller's matrix for each row of the request, ascending. */
  readonly rows: Uint32Array;
}

/** Cuts x [n, hidden] down to the rows that `groups` use. Order is kept, so the peer's bits are the caller's. */
export function peerRequest(groups: readonly GroupEntries[], x: Float32Array, hidden: number): PeerRequest {
  const used = new Set(groups.flatMap((entries) => Array.from(entries.rows)));
  const rows = Uint32Array.from(used).sort();
  const place = new Map(Array.from(rows, (row, at) => [row, at]));
  const cut = new Float32Array(rows.length * hidden);
  rows.forEach((row, at) => {
    cut.set(x.subarray(row * hidden, (row + 1) * hidden), at * hidden);
  });
  const renumbered = groups.map((entries) => ({
    ...entries,
    rows: entries.rows.map((row) => place.get(row) ?? 0),
  }));
  return { request: { x: cut, rows: rows.length, hidden, groups: renumbered }, rows };
}

/** Turns the row numbers of an answer (already checked) back into the caller's. */
export function callerRows(partials: readonly GroupPartial[], rows: Uint32Array): GroupPartial[] {
  return partials.map((partial) => ({ ...partial, rows: partial.rows.map((row) => rows[row] ?? 0) }));
}
