import type { GeneratedEnd, GeneratedPart, Input, RunSummary, Sampling } from '@rios/sdk/schema/inference';
import type { QuoteBundle } from '@rios/sdk/schema/quote';

/** One prompt to answer. */
export interface InferenceRequest {
  /** Id of the account that pays. */
  readonly account: string;
  readonly requestId: string;
  /** Name of a registered model; one that is not placed yet is placed first. */
  readonly model: string;
  readonly input: Input;
  readonly sampling: Sampling;
  /** What it may cost at most, if that was asked for. */
  readonly quote?: QuoteBundle | undefined;
  /** Aborts when the client is gone or the orchestrator stops. */
  readonly signal: AbortSignal;
  /** Called for each part, in order; the next part waits for the promise (the client's backpressure). */
  readonly onPart: (part: GeneratedPart) => void | Promise<void>;
}

export interface InferenceAnswer {
  readonly end: GeneratedEnd;
  readonly summary: RunSummary;
}

/** What the OpenAI routes need: answers prompts by workers. Throws RiosError. */
export interface Inference {
  run(request: InferenceRequest): Promise<InferenceAnswer>;
}
