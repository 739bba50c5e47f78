import type { LogprobEntry, RunSummary } from '@rios/sdk/schema/inference';

/** Largest difference of a log-probability that float32 may show against the float64 reference. */
export const TOLERANCE = 1e-3;

/** One entry of reference.json's `cases`. */
export interface ReferenceCase {
  readonly name: string;
  readonly prompt: string;
  readonly ids: readonly number[];
  /** Logits after the last prompt token, one per token of the vocabulary. */
  readonly lastLogits: readonly number[];
  /** Log of the sum of exponentials, at each prompt position. */
  readonly logSumExp: readonly number[];
  /** Best next token at each prompt position. */
  readonly topPerPosition: readonly number[];
  /** Greedy continuation. */
  readonly greedy: readonly number[];
}

export interface Comparison {
  readonly match: boolean;
  readonly tokensEqual: boolean;
  readonly promptEqual: boolean;
  readonly bestEqual: boolean;
  /** Largest difference of a log-probability; Infinity when there were none to compare. */
  readonly maxAbs: number;
}

/** Compares an answer, asked with echo and logprobs (the prompt's positions come first), with its reference. */
export function compareWithReference(
  asked: ReferenceCase,
  run: Pick<RunSummary, 'ids' | 'promptIds' | 'logprobs'>,
): Comparison {
  const logprobs = run.logprobs ?? [];
  const tokensEqual = isEqual(run.ids, asked.greedy);
  const promptEqual = isEqual(run.promptIds ?? [], asked.ids);
  // entry i was predicted at position i - 1
  const bestEqual = asked.ids
    .slice(1)
    .every((_, at) => bestOf(logprobs[at + 1]) === asked.topPerPosition[at]);
  const maxAbs = largestDifference(asked, logprobs[asked.ids.length]);
  const match = tokensEqual && promptEqual && bestEqual && maxAbs <= TOLERANCE;
  return { match, tokensEqual, promptEqual, bestEqual, maxAbs };
}

const bestOf = (entry: LogprobEntry | undefined) => entry?.top[0]?.id;

const isEqual = (some: readonly number[], others: readonly number[]) =>
  some.length === others.length && some.every((value, at) => value === others[at]);

/** Over the alternatives of the first new token: the reference has all logits of that position. */
function largestDifference(asked: ReferenceCase, first: LogprobEntry | undefined): number {
  if (first === undefined || first.top.length === 0) return Number.POSITIVE_INFINITY;
  const total = asked.logSumExp.at(-1) ?? Number.NaN;
  const differences = first.top.map(({ id, logprob }) => {
    const expected = (asked.lastLogits[id] ?? Number.NaN) - total;
    return Math.abs(logprob - expected);
  });
  return differences.every(Number.isFinite) ? Math.max(...differences) : Number.POSITIVE_INFINITY;
}
