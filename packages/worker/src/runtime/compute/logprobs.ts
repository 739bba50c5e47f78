import { logSumExp, topIds } from '@rios/sdk/dmoe/sampling';
import type { LogprobEntry } from '@rios/sdk/schema/inference';

/** Log-probabilities of the token `id` and of the `count` likeliest, from the logits [vocab] before it. */
export function logprobEntry(
  id: number,
  logits: Float32Array,
  count: number,
  tokenText: (id: number) => string,
): LogprobEntry {
  const total = logSumExp(logits);
  const entry = (token: number) => ({
    id: token,
    text: tokenText(token),
    logprob: (logits[token] ?? 0) - total,
  });
  return { ...entry(id), top: topIds(logits, count).map(entry) };
}

/** The first position of a prompt: nothing predicts it. */
export function firstLogprobEntry(id: number, tokenText: (id: number) => string): LogprobEntry {
  return { id, text: tokenText(id), logprob: null, top: [] };
}
