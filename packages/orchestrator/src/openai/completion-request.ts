import type { CompletionRequest } from '@rios/sdk/schema/api';
import type { Input, Sampling } from '@rios/sdk/schema/inference';
import { DEFAULT_COMPLETION_TOKENS, type RandomSeed, sharedSampling } from './sampling.ts';

/** What a `/v1/completions` body asks of the network. */
export function readCompletionRequest(
  request: CompletionRequest,
  randomSeed: RandomSeed,
): { input: Input; sampling: Sampling } {
  return {
    input: readPrompt(request.prompt),
    sampling: {
      ...sharedSampling(request, randomSeed),
      maxTokens: request.max_tokens ?? DEFAULT_COMPLETION_TOKENS,
      logprobs: request.logprobs ?? null,
      echo: request.echo ?? false,
    },
  };
}

function readPrompt(prompt: CompletionRequest['prompt']): Input {
  if (typeof prompt === 'string') return { kind: 'text', text: prompt };
  const [first] = prompt;
  if (typeof first === 'string') return { kind: 'text', text: first };
  return { kind: 'ids', ids: prompt.filter((id) => typeof id === 'number') };
}
