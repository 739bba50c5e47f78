import { uniform } from '@rios/sdk/dmoe/random';
import { chooseToken } from '@rios/sdk/dmoe/sampling';
import type { GeneratedPart, Sampling } from '@rios/sdk/schema/inference';
import { createDetokenizer } from '@rios/sdk/text/detokenizer';
import { createStopText } from '@rios/sdk/text/stop-text';
import type { TextCodec } from '@rios/sdk/text/text-codec';
import { withinTime } from '@rios/sdk/text/time-limit';
import { logprobEntry } from './logprobs.ts';

/** For the text of one token, with its alternatives. */
const TOKEN_TEXT_MS = 2_000;

/** One generated token, and what became final with it. */
export interface TokenStep {
  readonly id: number;
  readonly part: GeneratedPart;
  /** A stop string or an end-of-sequence token was met: nothing follows. */
  readonly stopped: boolean;
}

/** Turns logits into tokens and text. */
export interface TokenStream {
  /** Chooses the next token from its logits [vocab]. `last`: no more tokens will be asked for. */
  next(logits: Float32Array, last: boolean): TokenStep;
}

/** `before`: the prompt's last tokens. `eos`: tokens that end the sequence (none when they shall not). */
export function createTokenStream(
  sampling: Sampling,
  eos: readonly number[],
  codec: TextCodec | undefined,
  before: readonly number[],
): TokenStream {
  const detokenizer = createDetokenizer((ids) => codec?.decode(ids) ?? '', before);
  const stopText = createStopText(sampling.stop);
  let index = 0;
  const textOf = (id: number, last: boolean) => {
    const { text, stopped } = stopText.push(detokenizer.push([id]));
    if (stopped || !last) return { text, stopped };
    const rest = stopText.push(detokenizer.end());
    return { text: text + rest.text + stopText.end(), stopped: rest.stopped };
  };
  return {
    next(logits, last) {
      const { temperature, topP, seed, logprobs } = sampling;
      const id = chooseToken(logits, { temperature, topP, uniform: uniform(seed, index++) });
      const ended = eos.includes(id);
      const tokenText = (token: number) => codec?.tokenText(token) ?? '';
      return withinTime(TOKEN_TEXT_MS, 'making text of a token', () => {
        const { text, stopped } = textOf(id, last || ended);
        const entry = logprobs === null ? undefined : logprobEntry(id, logits, logprobs, tokenText);
        const part = { text, ids: [id], ...(entry === undefined ? {} : { logprobs: [entry] }) };
        return { id, part, stopped: ended || stopped };
      });
    },
  };
}
