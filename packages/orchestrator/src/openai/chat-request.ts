import { RiosError } from '@rios/sdk/errors/error';
import type { ChatRequest } from '@rios/sdk/schema/api';
import type { Input, Sampling } from '@rios/sdk/schema/inference';
import { type RandomSeed, sharedSampling, UNLIMITED_TOKENS } from './sampling.ts';

/** What a `/v1/chat/completions` body asks of the network. @throws RiosError USER_INVALID_REQUEST */
export function readChatRequest(
  request: ChatRequest,
  randomSeed: RandomSeed,
): { input: Input; sampling: Sampling } {
  return {
    input: { kind: 'chat', messages: request.messages },
    sampling: {
      ...sharedSampling(request, randomSeed),
      maxTokens: request.max_completion_tokens ?? request.max_tokens ?? UNLIMITED_TOKENS,
      logprobs: readLogprobs(request),
      echo: false,
    },
  };
}

function readLogprobs({ logprobs, top_logprobs: top }: ChatRequest): number | null {
  if (logprobs === true) return top ?? 0;
  if (top == null) return null;
  throw new RiosError('USER_INVALID_REQUEST', 'top_logprobs needs logprobs: true', {
    details: { issues: [{ path: 'top_logprobs', message: 'needs logprobs: true' }] },
  });
}
