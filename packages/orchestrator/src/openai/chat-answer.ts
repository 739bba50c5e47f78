import type { ChatCompletion } from '@rios/sdk/schema/api';
import type { GeneratedEnd, GeneratedPart, RunSummary } from '@rios/sdk/schema/inference';
import { type AnswerHead, openaiUsage } from './completion-answer.ts';
import { chatLogprobs } from './logprobs.ts';

type Choice = ChatCompletion['choices'][number];

const chat = (head: AnswerHead, object: ChatCompletion['object'], choices: Choice[]): ChatCompletion => ({
  id: head.id,
  object,
  created: head.created,
  model: head.model,
  choices,
});

/** The whole answer in one object. */
export function wholeChat(
  head: AnswerHead,
  parts: readonly GeneratedPart[],
  end: GeneratedEnd,
  summary: RunSummary,
): ChatCompletion {
  const entries = parts.flatMap((part) => part.logprobs ?? []);
  const hasLogprobs = parts.some((part) => part.logprobs !== undefined);
  const choice: Choice = {
    index: 0,
    message: { role: 'assistant', content: parts.map((part) => part.text).join(''), refusal: null },
    finish_reason: end.finishReason,
    logprobs: hasLogprobs ? chatLogprobs(entries) : null,
  };
  return { ...chat(head, 'chat.completion', [choice]), usage: openaiUsage(end), rios: summary };
}

/** Makes the chunks of a streamed chat, in order: the role first, then the text, then why it ended. */
export function createChatChunks(head: AnswerHead, includeUsage: boolean) {
  const usage = includeUsage ? { usage: null } : {};
  const chunk = (delta: Choice['delta'], finish: Choice['finish_reason'], logprobs: Choice['logprobs']) => ({
    ...chat(head, 'chat.completion.chunk', [
      { index: 0, ...(delta && { delta }), finish_reason: finish, logprobs },
    ]),
    ...usage,
  });
  return {
    begin: (): ChatCompletion => chunk({ role: 'assistant', content: '' }, null, null),
    part: (part: GeneratedPart): ChatCompletion =>
      chunk({ content: part.text }, null, part.logprobs === undefined ? null : chatLogprobs(part.logprobs)),
    /** The last one carries our summary. */
    end: (end: GeneratedEnd, summary: RunSummary): ChatCompletion[] => {
      const last = chunk({}, end.finishReason, null);
      if (!includeUsage) return [{ ...last, rios: summary }];
      return [last, { ...chat(head, 'chat.completion.chunk', []), usage: openaiUsage(end), rios: summary }];
    },
  };
}
