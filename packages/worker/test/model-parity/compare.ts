import { assert } from 'chai';

/** Largest absolute difference; both have the same length. */
export function worst(actual: ArrayLike<number>, expected: readonly number[]): number {
  assert.equal(actual.length, expected.length);
  return expected.reduce((max, value, i) => Math.max(max, Math.abs(value - (actual[i] ?? Number.NaN))), 0);
}

/** Index of the largest value; the lowest on a tie. */
export function argmax(row: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if ((row[i] ?? 0) > (row[best] ?? 0)) best = i;
  return best;
}

export function logSumExp(row: ArrayLike<number>): number {
  const largest = row[argmax(row)] ?? 0;
  return largest + Math.log(Array.from(row).reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
}
