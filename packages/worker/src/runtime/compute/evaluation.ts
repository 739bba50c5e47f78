import { largest, logSumExp } from '@rios/sdk/dmoe/sampling';
import type { EvaluatedPosition, Evaluation } from '../measured-engine.ts';
import type { Generator } from './generation.ts';
import { promptPass } from './prompt-pass.ts';
import { tokenBudget } from './token-budget.ts';

/**
 * Logits of a prompt's positions. The last one is computed alone, as generation does; those before it as echo
 * does.
 */
export async function evaluate(
  { chain, head, embed, context, check }: Generator,
  ids: readonly number[],
  wanted: readonly (readonly number[])[],
): Promise<Evaluation> {
  tokenBudget(ids.length, 0, context);
  const positions: EvaluatedPosition[] = [];
  const add = (logits: Float32Array) => {
    const chosen = wanted[positions.length] ?? [];
    positions.push({
      logSumExp: logSumExp(logits),
      best: largest(logits),
      logits: chosen.map((id) => logits[id] ?? Number.NaN),
    });
  };
  for await (const { position, rows, hidden } of promptPass(ids, chain, embed)) {
    check();
    const width = hidden.length / rows;
    const end = position + rows === ids.length ? hidden.length - width : hidden.length;
    for await (const logits of head.each(hidden.subarray(0, end))) add(logits);
    if (end < hidden.length) add(await head.one(hidden.subarray(end)));
  }
  return { positions };
}
