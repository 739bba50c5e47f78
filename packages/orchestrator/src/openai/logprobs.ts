import type { ChatCompletion, Completion } from '@rios/sdk/schema/api';
import type { LogprobEntry } from '@rios/sdk/schema/inference';

type CompletionLogprobs = NonNullable<Completion['choices'][number]['logprobs']>;
type ChatLogprobs = NonNullable<ChatCompletion['choices'][number]['logprobs']>;

const characters = (text: string) => [...text].length;

/**
 * Log-probabilities in the form of completions: parallel arrays, one element per token.
 * @param offset characters (code points) of the answer before the first of these tokens
 */
export function completionLogprobs(entries: readonly LogprobEntry[], offset: number): CompletionLogprobs {
  let at = offset;
  return {
    tokens: entries.map((entry) => entry.text),
    token_logprobs: entries.map((entry) => entry.logprob),
    top_logprobs: entries.map((entry) =>
      entry.logprob === null ? null : Object.fromEntries(entry.top.map((top) => [top.text, top.logprob])),
    ),
    text_offset: entries.map((entry) => {
      const start = at;
      at += characters(entry.text);
      return start;
    }),
  };
}

/** Characters (code points) that these tokens take. */
export function countCharacters(entries: readonly LogprobEntry[]): number {
  return entries.reduce((sum, entry) => sum + characters(entry.text), 0);
}

/** Log-probabilities in the form of chats: one object per token. */
export function chatLogprobs(entries: readonly LogprobEntry[]): ChatLogprobs {
  const content = entries.flatMap(({ text, logprob, top }) =>
    logprob === null
      ? []
      : [
          {
            ...chatToken(text, logprob),
            top_logprobs: top.map((other) => chatToken(other.text, other.logprob)),
          },
        ],
  );
  return { content };
}

/** Bytes are told only where the text has them all: a piece of a character is shown as U+FFFD. */
function chatToken(token: string, logprob: number) {
  return { token, logprob, bytes: token.includes('\uFFFD') ? null : [...Buffer.from(token)] };
}
