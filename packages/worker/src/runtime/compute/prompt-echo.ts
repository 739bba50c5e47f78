import type { GeneratedPart, LogprobEntry, Sampling } from '@rios/sdk/schema/inference';
import { createDetokenizer } from '@rios/sdk/text/detokenizer';
import type { TextCodec } from '@rios/sdk/text/text-codec';
import { withinTime } from '@rios/sdk/text/time-limit';
import type { Head } from './head.ts';
import { firstLogprobEntry, logprobEntry } from './logprobs.ts';
import type { PromptChunk } from './prompt-pass.ts';

/** For the text of one row's tokens, or of one chunk of the prompt. */
const ECHO_TEXT_MS = 2_000;

/** Gives the prompt back, chunk by chunk. */
export interface PromptEcho {
  /** The part that this chunk makes known: the tokens that its rows predict (and the very first token). */
  part(chunk: PromptChunk): Promise<GeneratedPart>;
}

/** `sampling.logprobs` decides whether the head runs on the prompt's rows. */
export function createPromptEcho(
  ids: readonly number[],
  sampling: Sampling,
  codec: TextCodec | undefined,
  head: Head,
): PromptEcho {
  const detokenizer = createDetokenizer((some) => codec?.decode(some) ?? '');
  const tokenText = (id: number) => codec?.tokenText(id) ?? '';
  const entries = async (chunk: PromptChunk, shown: readonly number[], count: number) => {
    const list: LogprobEntry[] = [];
    if (chunk.position === 0) list.push(inTime(() => firstLogprobEntry(shown[0] ?? 0, tokenText)));
    const predicted = shown.length - list.length;
    const rows = chunk.hidden.subarray(0, (chunk.hidden.length / chunk.rows) * predicted);
    for await (const logits of head.each(rows)) {
      list.push(inTime(() => logprobEntry(shown[list.length] ?? 0, logits, count, tokenText)));
    }
    return list;
  };
  return {
    async part(chunk) {
      const from = chunk.position === 0 ? 0 : chunk.position + 1;
      const to = Math.min(chunk.position + chunk.rows + 1, ids.length);
      const shown = ids.slice(from, to);
      const text = inTime(() => detokenizer.push(shown) + (to === ids.length ? detokenizer.end() : ''));
      const { logprobs } = sampling;
      return {
        text,
        ids: shown,
        prompt: true,
        ...(logprobs === null ? {} : { logprobs: await entries(chunk, shown, logprobs) }),
      };
    },
  };
}

const inTime = <T>(act: () => T): T => withinTime(ECHO_TEXT_MS, 'making text of the prompt', act);
