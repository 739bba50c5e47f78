import type { Rope } from '../dmoe/rope.ts';
import type { Manifest, Router } from '../schema/manifest.ts';

/** Rows of float64 values: one per token. */
export type Rows = readonly Float64Array[];

/** x / rms(x) * weight, per row. */
export function rmsNorm(rows: Rows, weight: Float32Array, epsilon: number): Float64Array[] {
  return rows.map((row) => {
    const meanSquare = row.reduce((sum, value) => sum + value * value, 0) / row.length;
    const inverse = 1 / Math.sqrt(meanSquare + epsilon);
    return row.map((value, i) => value * inverse * (weight[i] ?? 0));
  });
}

/** Softmax of `scores`, in place and returned. */
export function softmax(scores: Float64Array): Float64Array {
  const largest = scores.reduce((max, score) => Math.max(max, score), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    const share = Math.exp((scores[i] ?? 0) - largest);
    scores[i] = share;
    sum += share;
  }
  for (let i = 0; i < scores.length; i++) scores[i] = (scores[i] ?? 0) / sum;
  return scores;
}

/** The experts that the gate chooses for one token, by falling weight; the lower index wins a tie. */
export function chooseExperts(
  logits: Float64Array,
  router: Router,
): { readonly expert: number; readonly weight: number }[] {
  const scores =
    router.score === 'softmax' ? softmax(logits.slice()) : logits.map((logit) => 1 / (1 + Math.exp(-logit)));
  const chosen = [...scores]
    .map((score, expert) => ({ expert, score }))
    .sort((a, b) => b.score - a.score || a.expert - b.expert)
    .slice(0, router.topK);
  const sum = router.renormalise ? chosen.reduce((total, { score }) => total + score, 0) : 1;
  return chosen.map(({ expert, score }) => ({ expert, weight: (score / sum) * router.scale }));
}

/** Turns each head of every row by its position's angles, in place; pairs are (i, i + headDim / 2). */
export function rotate(rows: Rows, headDim: number, rope: Rope): void {
  const half = headDim / 2;
  rows.forEach((row, position) => {
    for (let head = 0; head < row.length; head += headDim) {
      rope.inverseFrequencies.forEach((frequency, i) => {
        const cos = Math.cos(position * frequency) * rope.scale;
        const sin = Math.sin(position * frequency) * rope.scale;
        const left = row[head + i] ?? 0;
        const right = row[head + i + half] ?? 0;
        row[head + i] = left * cos - right * sin;
        row[head + i + half] = right * cos + left * sin;
      });
    }
  });
}

export interface AttentionInput {
  /** [tokens][heads * headDim], rotated. */
  readonly queries: Rows;
  /** [tokens][kvHeads * headDim], rotated. */
  readonly keys: Rows;
  readonly values: Rows;
}

/** Causal attention, with a sliding window when the model has one. Returns [tokens][heads * headDim]. */
export function attend(
  { queries, keys, values }: AttentionInput,
  dims: Manifest['dims'],
  slidingWindow: number | null,
): Float64Array[] {
  const { heads, kvHeads, headDim } = dims;
  return queries.map((query, position) => {
    const from = slidingWindow === null ? 0 : Math.max(0, position + 1 - slidingWindow);
    const context = new Float64Array(query.length);
    for (let head = 0; head < heads; head++) {
      const source = Math.floor(head / (heads / kvHeads)) * headDim;
      const at = head * headDim;
      const scores = new Float64Array(position + 1 - from);
      for (let i = 0; i < scores.length; i++)
        scores[i] = dot(query, at, keys[from + i], source, headDim) / Math.sqrt(headDim);
      softmax(scores).forEach((share, i) => {
        const value = values[from + i];
        for (let c = 0; c < headDim; c++)
          context[at + c] = (context[at + c] ?? 0) + share * (value?.[source + c] ?? 0);
      });
    }
    return context;
  });
}

function dot(
  a: Float64Array,
  aFrom: number,
  b: Float64Array | undefined,
  bFrom: number,
  length: number,
): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (a[aFrom + i] ?? 0) * (b?.[bFrom + i] ?? 0);
  return sum;
}

/** down(silu(gate x) * up x): the inner product of one token. */
export function swiglu(gate: Float64Array, up: Float64Array): Float64Array {
  return gate.map((value, i) => (value / (1 + Math.exp(-value))) * (up[i] ?? 0));
}

/** target += source * factor, per element. */
export function addScaled(target: Float64Array, source: Float64Array, factor = 1): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) + (source[i] ?? 0) * factor;
}
