import { z } from 'zod';
import { countSchema, idSchema, nameSchema, peerIdSchema } from './common.ts';
import { routeSchema, shapeSchema } from './route.ts';
import { signedSchema } from './trust.ts';

/** Longest prompt text accepted, in UTF-16 units; tokens are bounded by the model's context. */
export const MAX_PROMPT_CHARS = 1_000_000;

export const messageSchema = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.union([
    z.string().max(MAX_PROMPT_CHARS),
    z.array(z.object({ type: z.literal('text'), text: z.string().max(MAX_PROMPT_CHARS) })).max(256),
  ]),
  name: z.string().max(64).optional(),
});
export type Message = z.infer<typeof messageSchema>;

/** What is asked: text, a chat, or token ids. */
export const inputSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: z.string().max(MAX_PROMPT_CHARS) }),
  z.strictObject({ kind: z.literal('chat'), messages: z.array(messageSchema).min(1).max(1024) }),
  z.strictObject({ kind: z.literal('ids'), ids: z.array(countSchema).min(1).max(1_000_000) }),
]);
export type Input = z.infer<typeof inputSchema>;

/** How tokens are chosen. temperature 0 is greedy: the largest logit, the lowest id on a tie. */
export const samplingSchema = z.strictObject({
  maxTokens: countSchema.max(1_000_000),
  temperature: z.number().min(0).max(10),
  topP: z.number().min(0).max(1),
  /** The same seed, model, plan and prompt give the same tokens. */
  seed: countSchema,
  stop: z.array(z.string().min(1).max(256)).max(16),
  /** Stop at the model's end-of-sequence tokens. */
  stopAtEos: z.boolean(),
  /** Alternatives per position; null = no log-probabilities. */
  logprobs: countSchema.max(100).nullable(),
  /** Also return the prompt's positions. */
  echo: z.boolean(),
});
export type Sampling = z.infer<typeof samplingSchema>;

/** `generate` on /rios/data/1: orchestrator -> first stage. Parts stream back, then the end. */
export const generateSchema = z.strictObject({
  route: routeSchema,
  input: inputSchema,
  sampling: samplingSchema,
});
export type Generate = z.infer<typeof generateSchema>;

export const tokenLogprobSchema = z.strictObject({ id: countSchema, text: z.string(), logprob: z.number() });

/** One position's log-probabilities. The first prompt position has none: logprob null, top empty. */
export const logprobEntrySchema = z.strictObject({
  id: countSchema,
  text: z.string(),
  logprob: z.number().nullable(),
  top: z.array(tokenLogprobSchema),
});
export type LogprobEntry = z.infer<typeof logprobEntrySchema>;

/** One streamed piece: the text that became final, and the tokens behind it. */
export const generatedPartSchema = z.strictObject({
  text: z.string(),
  ids: z.array(countSchema),
  logprobs: z.array(logprobEntrySchema).optional(),
  /** With echo, before the first generated token: the prompt. */
  prompt: z.boolean().optional(),
  /**
   * What each worker has signed for so far: cumulative, so for each ticket the one with the most units counts, until
   * the last frame's. For the orchestrator alone; such a part may have no tokens.
   */
  receipts: z.array(signedSchema).max(1024).optional(),
});
export type GeneratedPart = z.infer<typeof generatedPartSchema>;

export const finishReasonSchema = z.enum(['stop', 'length']);

/** What one worker did for one request: the rows of the expert table and of `rios route explain`. */
export const workShareSchema = z.strictObject({
  workerId: peerIdSchema,
  /** Layers whose trunk it ran, as [from, to) ranges. */
  stages: z.array(z.tuple([countSchema, countSchema])),
  /** Row counts by layer and expert: how many token rows each expert computed. */
  experts: z.array(z.strictObject({ layer: countSchema, expert: countSchema, rows: countSchema })),
  calls: countSchema,
  /** Calls that ran experts (local or remote). */
  expertCalls: countSchema,
  /** Milliseconds from asking to answer: median and 95th percentile; 0 for the first stage itself. */
  hopMsP50: z.number(),
  hopMsP95: z.number(),
  busyMs: z.number(),
});
export type WorkShare = z.infer<typeof workShareSchema>;

export const usageSchema = z.strictObject({
  promptTokens: countSchema,
  completionTokens: countSchema,
});

/** The last frame of `generate`. */
export const generatedEndSchema = z.strictObject({
  finishReason: finishReasonSchema,
  usage: usageSchema,
  ttftMs: z.number(),
  totalMs: z.number(),
  shares: z.array(workShareSchema),
  /** One signed receipt per worker that computed. */
  receipts: z.array(signedSchema).max(1024),
});
export type GeneratedEnd = z.infer<typeof generatedEndSchema>;

/** `rios` field of API answers, and the body of `rios run --json`. */
export const runSummarySchema = z.object({
  requestId: idSchema,
  model: nameSchema,
  shape: shapeSchema,
  ttftMs: z.number(),
  tokensPerSecond: z.number(),
  workers: z.array(
    z.object({
      id: peerIdSchema,
      name: z.string(),
      parts: z.array(z.string()),
      calls: countSchema,
      expertCalls: countSchema,
    }),
  ),
  ids: z.array(countSchema),
  promptIds: z.array(countSchema).optional(),
  logprobs: z.array(logprobEntrySchema).optional(),
});
export type RunSummary = z.infer<typeof runSummarySchema>;
