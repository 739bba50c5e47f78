import type { Client } from '@rios/sdk/api/client';
import { RiosError } from '@rios/sdk/errors/error';
import type { Completion, CompletionRequest } from '@rios/sdk/schema/api';
import type { RunReport } from '@rios/sdk/schema/cli-results';
import type { RunSummary } from '@rios/sdk/schema/inference';
import type { QuoteBundle } from '@rios/sdk/schema/quote';
import type { Progress } from '../progress/progress.ts';
import { placeModel, waitUntilReady } from './model/place.ts';

/** What is asked. Sampling fields left out are the API's defaults (temperature 1, top_p 1, a random seed). */
export interface RunOptions {
  readonly client: Client;
  readonly model: string;
  /** Text, or token ids that bypass the tokenizer. */
  readonly prompt: string | number[];
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly seed?: number | undefined;
  readonly stop?: string[] | undefined;
  readonly logprobs?: number | undefined;
  readonly echo?: boolean | undefined;
  /** That is kept to. */
  readonly quote?: QuoteBundle | undefined;
  /** Longest pause without a token. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called with each piece of text as it arrives. */
  readonly onText: (text: string) => void;
}

function requestOf(options: RunOptions): CompletionRequest {
  return {
    model: options.model,
    prompt: options.prompt,
    max_tokens: options.maxTokens,
    temperature: options.temperature,
    top_p: options.topP,
    seed: options.seed,
    stop: options.stop,
    logprobs: options.logprobs,
    echo: options.echo,
    stream: true,
    stream_options: { include_usage: true },
    ...(options.quote === undefined ? {} : { rios: { quote: options.quote } }),
  };
}

interface Gathered {
  text: string;
  finishReason: 'stop' | 'length' | undefined;
  usage: Completion['usage'];
  summary: RunSummary | undefined;
}

async function gather(options: RunOptions): Promise<Gathered> {
  const gathered: Gathered = { text: '', finishReason: undefined, usage: undefined, summary: undefined };
  const { signal, timeoutMs } = options;
  for await (const chunk of options.client.stream('createCompletion', {
    body: requestOf(options),
    signal,
    timeoutMs,
  })) {
    const choice = chunk.choices[0];
    if (choice?.text) {
      gathered.text += choice.text;
      options.onText(choice.text);
    }
    gathered.finishReason = choice?.finish_reason ?? gathered.finishReason;
    gathered.usage = chunk.usage ?? gathered.usage;
    gathered.summary = chunk.rios ?? gathered.summary;
  }
  return gathered;
}

function reportOf(gathered: Gathered): RunReport {
  const { summary, usage, finishReason, text } = gathered;
  if (summary === undefined || finishReason === undefined || usage === undefined || usage === null) {
    throw new RiosError('API_REMOTE', 'the answer ended without its summary', {
      hint: 'Is this a RiOS orchestrator? See rios doctor.',
    });
  }
  return {
    text,
    ids: summary.ids,
    ...(summary.promptIds === undefined ? {} : { promptIds: summary.promptIds }),
    ...(summary.logprobs === undefined ? {} : { logprobs: summary.logprobs }),
    usage: {
      promptTokens: usage.prompt_tokens,
      completionTokens: usage.completion_tokens,
      totalTokens: usage.total_tokens,
    },
    ttftMs: summary.ttftMs,
    tokensPerSecond: summary.tokensPerSecond,
    shape: summary.shape,
    workers: summary.workers,
    requestId: summary.requestId,
    finishReason,
    model: summary.model,
  };
}

/**
 * Answers one prompt, streamed; a model that is not on any worker yet is placed first.
 * @throws RiosError NOT_FOUND_MODEL, CAPACITY_*, USER_CONTEXT_TOO_LONG, PEER_LOST (retryable), API_*
 */
export async function runPrompt(options: RunOptions, progress: Progress): Promise<RunReport> {
  const { client, model: name, signal } = options;
  const { state } = await client.getModel({ params: { name }, signal });
  // what was asked for a model that is on its way is left as it is
  if (state === 'stored') await placeModel({ client, name, signal }, progress);
  if (state === 'placing') {
    progress.step(`Placing ${name}`);
    await waitUntilReady({ client, name, signal }, progress);
  }
  progress.stop();
  return reportOf(await gather(options));
}
