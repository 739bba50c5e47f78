/** The part of a request that decides how one token is drawn. */
export interface Draw {
  /** 0 = greedy. */
  readonly temperature: number;
  /** Smallest probability mass that is drawn from, largest probabilities first. */
  readonly topP: number;
  /** Uniform in [0, 1); not used when greedy. */
  readonly uniform: number;
}

/** One choice of token from its logits [vocab]. Greedy takes the largest, the lowest id on a tie. */
export function chooseToken(logits: Float32Array, draw: Draw): number {
  if (draw.temperature === 0) return largest(logits);
  const weights = softWeights(logits, draw.temperature);
  return draw.topP < 1 ? drawNucleus(weights, draw) : drawAny(weights, draw.uniform);
}

/** The id of the largest value; the lowest id on a tie. */
export function largest(values: Float32Array): number {
  let best = 0;
  for (let id = 1; id < values.length; id++) {
    if ((values[id] ?? 0) > (values[best] ?? 0)) best = id;
  }
  return best;
}

/** log(sum(exp(logits))) in float64, summed in id order. */
export function logSumExp(logits: Float32Array): number {
  const top = logits[largest(logits)] ?? 0;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - top);
  return top + Math.log(sum);
}

/** The `count` largest ids, largest first, lower ids first on a tie. */
export function topIds(values: Float32Array, count: number): number[] {
  const best: number[] = [];
  for (let id = 0; id < values.length; id++) {
    const value = values[id] ?? 0;
    if (best.length === count && value <= (values[best.at(-1) ?? 0] ?? 0)) continue;
    let at = best.length;
    while (at > 0 && value > (values[best[at - 1] ?? 0] ?? 0)) at--;
    best.splice(at, 0, id);
    if (best.length > count) best.pop();
  }
  return count === 0 ? [] : best;
}

interface Weights {
  /** exp((logit - largest) / temperature), float64. */
  readonly values: Float64Array;
  readonly sum: number;
}

function softWeights(logits: Float32Array, temperature: number): Weights {
  const top = logits[largest(logits)] ?? 0;
  const values = Float64Array.from(logits, (logit) => Math.exp((logit - top) / temperature));
  return { values, sum: values.reduce((sum, value) => sum + value, 0) };
}

function drawAny({ values, sum }: Weights, uniform: number): number {
  let left = uniform * sum;
  let last = 0;
  for (let id = 0; id < values.length; id++) {
    const value = values[id] ?? 0;
    if (value === 0) continue;
    left -= value;
    last = id;
    if (left < 0) break;
  }
  return last;
}

/**
 * Draws from the nucleus. Ids below the cut-off cannot belong to it, since all of them together hold less
 * than 1 - topP: only the rest is sorted.
 */
function drawNucleus({ values, sum }: Weights, { topP, uniform }: Draw): number {
  const cutoff = ((1 - topP) * sum) / values.length;
  const kept: { id: number; value: number }[] = [];
  for (let id = 0; id < values.length; id++) {
    const value = values[id] ?? 0;
    if (value >= cutoff) kept.push({ id, value });
  }
  kept.sort((a, b) => b.value - a.value || a.id - b.id);
  let mass = 0;
  let size = 0;
  do mass += kept[size++]?.value ?? 0;
  while (size < kept.length && mass < topP * sum);
  let left = uniform * mass;
  const drawn = kept.slice(0, size).find(({ value }) => {
    left -= value;
    return left < 0;
  });
  return drawn?.id ?? kept[size - 1]?.id ?? 0;
}
