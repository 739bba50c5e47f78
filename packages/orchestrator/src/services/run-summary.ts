import { RiosError } from '@rios/sdk/errors/error';
import type { GeneratedEnd, GeneratedPart, LogprobEntry, RunSummary } from '@rios/sdk/schema/inference';
import type { Placement } from '@rios/sdk/schema/route';
import type { ModelSummary } from '../dmoe/facts.ts';
import { partsByWorker } from '../dmoe/reserved.ts';

/** Collects the parts of an answer for its summary. */
export interface PartCollector {
  /** Throws PEER_BAD_RESULT when the worker sends more tokens than were asked for. */
  add(part: GeneratedPart): void;
  summarise(facts: SummaryFacts): RunSummary;
}

export interface SummaryFacts {
  readonly requestId: string;
  readonly model: ModelSummary;
  readonly placement: Placement;
  readonly end: GeneratedEnd;
  readonly nameOf: (workerId: string) => string;
}

/** @param limits most ids that a prompt and an answer may have */
export function createPartCollector(limits: { prompt: number; answer: number }): PartCollector {
  const ids: number[] = [];
  const promptIds: number[] = [];
  const logprobs: LogprobEntry[] = [];
  let prompts = 0;
  return {
    add: (part) => {
      if (part.prompt === true) prompts++;
      for (const id of part.ids) (part.prompt === true ? promptIds : ids).push(id);
      for (const entry of part.logprobs ?? []) logprobs.push(entry);
      if (ids.length > limits.answer || promptIds.length > limits.prompt) {
        throw new RiosError('PEER_BAD_RESULT', 'the worker sent more tokens than it was asked for');
      }
    },
    summarise: ({ requestId, model, placement, end, nameOf }) => ({
      requestId,
      model: model.name,
      shape: placement.shape,
      ttftMs: end.ttftMs,
      tokensPerSecond: tokensPerSecond(end),
      workers: [...partsByWorker(model, placement)].map(([id, parts]) => {
        const share = end.shares.find(({ workerId }) => workerId === id);
        return {
          id,
          name: nameOf(id),
          parts,
          calls: share?.calls ?? 0,
          expertCalls: share?.expertCalls ?? 0,
        };
      }),
      ids,
      ...(prompts > 0 ? { promptIds } : {}),
      ...(logprobs.length > 0 ? { logprobs } : {}),
    }),
  };
}

/** Decoding speed: tokens after the first, over the time after the first; of one token, over all the time. */
function tokensPerSecond({ usage, ttftMs, totalMs }: GeneratedEnd): number {
  const { completionTokens } = usage;
  const decodeMs = totalMs - ttftMs;
  if (completionTokens > 1 && decodeMs > 0) return ((completionTokens - 1) * 1000) / decodeMs;
  return totalMs > 0 ? (completionTokens * 1000) / totalMs : 0;
}
