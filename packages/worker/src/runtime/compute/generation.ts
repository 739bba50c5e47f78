import { RiosError } from '@rios/sdk/errors/error';
import type { GeneratedPart, Input, Sampling } from '@rios/sdk/schema/inference';
import type { GenerateResult } from '../engine.ts';
import type { Chain } from './chain.ts';
import type { Head } from './head.ts';
import type { ModelText } from './model-text.ts';
import { createPromptEcho } from './prompt-echo.ts';
import { promptPass } from './prompt-pass.ts';
import { tokenBudget } from './token-budget.ts';
import { createTokenStream, type TokenStep } from './token-stream.ts';

/** Prompt tokens shown to the detokeniser so that the answer's first token is not taken for a text's first. */
const BEFORE_TOKENS = 8;

/** What the first stage generates with. */
export interface Generator {
  readonly chain: Chain;
  readonly head: Head;
  readonly text: ModelText;
  readonly embed: (ids: readonly number[]) => Float32Array;
  /** Tokens that a sequence may have: prompt and answer. */
  readonly context: number;
  readonly eos: readonly number[];
  /** Throws when the session was stopped. */
  readonly check: () => void;
  readonly onPart: (part: GeneratedPart) => void;
}

/** Answers one prompt. Throws USER_*, and whatever stops the session. */
export async function generate(
  generator: Generator,
  input: Input,
  sampling: Sampling,
): Promise<GenerateResult> {
  const start = performance.now();
  const { text, onPart } = generator;
  const ids = text.promptIds(input);
  const budget = tokenBudget(ids.length, sampling.maxTokens, generator.context);
  if (sampling.stop.length > 0 && text.codec === undefined) throw noText();
  const last = await readPrompt(generator, ids, sampling);
  let ttftMs: number | undefined;
  let completionTokens = 0;
  let stopped = false;
  for await (const step of answer(generator, ids, sampling, budget, last)) {
    ttftMs ??= performance.now() - start;
    completionTokens++;
    stopped = step.stopped;
    onPart(step.part);
  }
  const totalMs = performance.now() - start;
  const finishReason = stopped ? 'stop' : 'length';
  return { finishReason, promptTokens: ids.length, completionTokens, ttftMs: ttftMs ?? totalMs, totalMs };
}

/** Runs the prompt, echoes it where asked; returns its last row [hidden]. */
async function readPrompt(
  { chain, head, text, embed, check, onPart }: Generator,
  ids: readonly number[],
  sampling: Sampling,
): Promise<Float32Array> {
  const echo = sampling.echo ? createPromptEcho(ids, sampling, text.codec, head) : undefined;
  let last = new Float32Array();
  for await (const chunk of promptPass(ids, chain, embed)) {
    check();
    last = chunk.hidden.slice(-(chunk.hidden.length / chunk.rows));
    if (echo === undefined) continue;
    const part = await echo.part(chunk);
    if (part.ids.length > 0) onPart(part);
  }
  return last;
}

/** At most `budget` tokens; a token is fed back only when another is wanted. */
async function* answer(
  { chain, head, text, embed, eos, check }: Generator,
  ids: readonly number[],
  sampling: Sampling,
  budget: number,
  last: Float32Array,
): AsyncGenerator<TokenStep> {
  const ends = sampling.stopAtEos ? eos : [];
  const stream = createTokenStream(sampling, ends, text.codec, ids.slice(-BEFORE_TOKENS));
  let row = last;
  for (let n = 1; n <= budget; n++) {
    check();
    const step = stream.next(await head.one(row), n === budget);
    yield step;
    if (step.stopped || n === budget) return;
    row = await (await chain.launch(1, embed([step.id]))).done;
  }
}

const noText = () =>
  new RiosError('USER_INVALID_REQUEST', 'stop strings need a tokenizer, and the model has none');
