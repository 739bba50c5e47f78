import { RiosError } from '../errors/error.ts';
import type { GroupEntries, GroupPartial } from '../wire/expert-codec.ts';
import { groupMass } from './group-partial.ts';
import { distinctRows } from './group-rows.ts';

/**
 * Adds the groups' partial sums to the residual stream [rows, hidden] in ascending group order, each step
 * rounded to float32. Returns a new array; neither argument is changed.
 */
export function addPartials(
  residual: Float32Array,
  partials: readonly GroupPartial[],
  hidden: number,
): Float32Array {
  const sum = residual.slice();
  const ordered = partials.toSorted((a, b) => a.group - b.group);
  for (const { rows, y } of ordered) {
    for (let at = 0; at < rows.length; at++) {
      const to = (rows[at] ?? 0) * hidden;
      const from = at * hidden;
      for (let i = 0; i < hidden; i++) sum[to + i] = (sum[to + i] ?? 0) + (y[from + i] ?? 0);
    }
  }
  return sum;
}

/**
 * Checks a peer's answer against what it was asked: exactly those groups and rows, this hidden size, the gate
 * mass that was sent, and only finite numbers. Throws PEER_PROTOCOL (not an answer to this question) or
 * PEER_BAD_RESULT (an answer that cannot be right). `peerId` goes into the error.
 */
export function checkPartials(
  asked: readonly GroupEntries[],
  answer: { readonly hidden: number; readonly partials: readonly GroupPartial[] },
  hidden: number,
  peerId: string,
): void {
  if (answer.hidden !== hidden) {
    throw offTopic(peerId, 'another hidden size', { expected: hidden, got: answer.hidden });
  }
  if (answer.partials.length !== asked.length) {
    throw offTopic(peerId, 'another number of groups', {
      expected: asked.length,
      got: answer.partials.length,
    });
  }
  asked.forEach((entries, i) => {
    const partial = answer.partials[i];
    if (partial?.group !== entries.group) throw offTopic(peerId, 'another group', { group: entries.group });
    checkPartial(entries, partial, peerId);
  });
}

function checkPartial(entries: GroupEntries, partial: GroupPartial, peerId: string): void {
  const group = entries.group;
  if (!equal(partial.rows, distinctRows(entries))) throw offTopic(peerId, 'other rows', { group });
  if (!equal(partial.mass, groupMass(entries))) throw wrong(peerId, 'it covers another gate mass', group);
  if (!partial.y.every(Number.isFinite)) throw wrong(peerId, 'it holds a number that is not finite', group);
}

function equal(a: Uint32Array | Float32Array, b: Uint32Array | Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

const offTopic = (peerId: string, what: string, details: Record<string, unknown>) =>
  new RiosError('PEER_PROTOCOL', `a worker answered about ${what} than asked`, {
    details: { peerId, ...details },
  });

const wrong = (peerId: string, what: string, group: number) =>
  new RiosError('PEER_BAD_RESULT', `a worker's partial sum is wrong: ${what}`, {
    details: { peerId, group },
  });
