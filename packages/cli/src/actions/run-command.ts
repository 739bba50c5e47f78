import type { Client } from '@rios/sdk/api/client';
import type { RunReport } from '@rios/sdk/schema/cli-results';
import { cleanText } from '../print/clean.ts';
import type { Progress } from '../progress/progress.ts';
import { readQuote } from './billing/read-quote.ts';
import { readPrompt } from './read-prompt.ts';
import { runPrompt } from './run-prompt.ts';

const DEFAULT_PAUSE_MS = 120_000;

/** What `rios run` was given, as its flags are named. */
export interface RunCommandOptions {
  readonly client: Client;
  readonly signal: AbortSignal;
  readonly model: string;
  readonly prompt?: string | undefined;
  readonly ids?: string | undefined;
  readonly 'max-tokens'?: number | undefined;
  readonly temperature?: number | undefined;
  readonly 'top-p'?: number | undefined;
  readonly seed?: number | undefined;
  readonly stop?: string[] | undefined;
  readonly logprobs?: number | undefined;
  readonly echo: boolean;
  readonly timeout?: number | undefined;
  /** File of a quote. */
  readonly quote?: string | undefined;
  readonly json?: boolean | undefined;
  /** Write text to stdout as it arrives. */
  readonly streaming: boolean;
}

/** On a terminal, text that a model made up must not steer it. */
function writeText(text: string): void {
  process.stdout.write(process.stdout.isTTY === true ? cleanText(text) : text);
}

/** Reads the prompt, asks, and writes the text to stdout (nothing under --json). */
export async function runCommand(options: RunCommandOptions, progress: Progress): Promise<RunReport> {
  const prompt = await readPrompt(options);
  const quote = options.quote === undefined ? undefined : await readQuote(options.quote);
  const report = await runPrompt(
    {
      client: options.client,
      signal: options.signal,
      model: options.model,
      prompt,
      quote,
      maxTokens: options['max-tokens'],
      temperature: options.temperature,
      topP: options['top-p'],
      seed: options.seed,
      stop: options.stop,
      logprobs: options.logprobs,
      echo: options.echo,
      timeoutMs: options.timeout ?? DEFAULT_PAUSE_MS,
      onText: (text) => {
        if (options.streaming) writeText(text);
      },
    },
    progress,
  );
  if (options.json === true) return report;
  if (!options.streaming) writeText(report.text);
  if (!report.text.endsWith('\n')) process.stdout.write('\n');
  return report;
}
