import type { Completion } from '@rios/sdk/schema/api';
import type { GeneratedEnd, GeneratedPart, RunSummary } from '@rios/sdk/schema/inference';
import { completionLogprobs, countCharacters } from './logprobs.ts';

/** What every object of one answer says. */
export interface AnswerHead {
  readonly id: string;
  /** Seconds since 1970, as OpenAI has it. */
  readonly created: number;
  readonly model: string;
}

type Choice = Completion['choices'][number];

const completion = (head: AnswerHead, choices: Choice[]): Completion => ({
  id: head.id,
  object: 'text_completion',
  created: head.created,
  model: head.model,
  choices,
});

/** OpenAI's count of tokens. */
export function openaiUsage({ usage }: GeneratedEnd) {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
  };
}

/** The whole answer in one object. */
export function wholeCompletion(
  head: AnswerHead,
  parts: readonly GeneratedPart[],
  end: GeneratedEnd,
  summary: RunSummary,
): Completion {
  const entries = parts.flatMap((part) => part.logprobs ?? []);
  const hasLogprobs = parts.some((part) => part.logprobs !== undefined);
  const choice: Choice = {
    index: 0,
    text: parts.map((part) => part.text).join(''),
    finish_reason: end.finishReason,
    logprobs: hasLogprobs ? completionLogprobs(entries, 0) : null,
  };
  return { ...completion(head, [choice]), usage: openaiUsage(end), rios: summary };
}

/** Makes the chunks of a streamed completion, in order. */
export function createCompletionChunks(head: AnswerHead, includeUsage: boolean) {
  const usage = includeUsage ? { usage: null } : {};
  let offset = 0;
  return {
    part: (part: GeneratedPart): Completion => {
      const logprobs = part.logprobs === undefined ? null : completionLogprobs(part.logprobs, offset);
      offset += countCharacters(part.logprobs ?? []);
      return {
        ...completion(head, [{ index: 0, text: part.text, finish_reason: null, logprobs }]),
        ...usage,
      };
    },
    /** The last one carries our summary. */
    end: (end: GeneratedEnd, summary: RunSummary): Completion[] => {
      const last = completion(head, [
        { index: 0, text: '', finish_reason: end.finishReason, logprobs: null },
      ]);
      if (!includeUsage) return [{ ...last, rios: summary }];
      return [
        { ...last, ...usage },
        { ...completion(head, []), usage: openaiUsage(end), rios: summary },
      ];
    },
  };
}
