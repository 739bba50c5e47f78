import type { ChatRequest, CompletionRequest } from '@rios/sdk/schema/api';
import type { Sampling } from '@rios/sdk/schema/inference';

/** Chooses a seed when the caller gave none: an integer in [0, 2^32). */
export type RandomSeed = () => number;

/** OpenAI's own default for completions. */
export const DEFAULT_COMPLETION_TOKENS = 16;
/** Chats go on up to the end of the context, which the worker knows. */
export const UNLIMITED_TOKENS = 1_000_000;

type Shared = Pick<CompletionRequest & ChatRequest, 'temperature' | 'top_p' | 'seed' | 'stop'>;

/** What both kinds of requests say in the same way, with OpenAI's defaults. */
export function sharedSampling(
  request: Shared,
  randomSeed: RandomSeed,
): Pick<Sampling, 'temperature' | 'topP' | 'seed' | 'stop' | 'stopAtEos'> {
  const stop = request.stop ?? [];
  return {
    temperature: request.temperature ?? 1,
    topP: request.top_p ?? 1,
    seed: request.seed == null ? randomSeed() : nonNegative(request.seed),
    // An empty stop text would end every answer at once; OpenAI ignores it too.
    stop: (typeof stop === 'string' ? [stop] : stop).filter((text) => text !== ''),
    stopAtEos: true,
  };
}

/** Seeds of workers are not negative: the 53-bit two's complement of one that is. */
function nonNegative(seed: number): number {
  return seed >= 0 ? seed : Number(BigInt.asUintN(53, BigInt(seed)));
}
