import { z } from 'zod';
import { walletAddressSchema } from './binding.ts';
import {
  amountSchema,
  countSchema,
  idSchema,
  nameSchema,
  peerIdSchema,
  sha256Schema,
  timeSchema,
} from './common.ts';
import { messageSchema, runSummarySchema, usageSchema, workShareSchema } from './inference.ts';
import { quoteBundleSchema } from './quote.ts';
import { placementSchema, rejectionSchema, shapeSchema } from './route.ts';
import { observedPartSchema, offerSchema } from './worker.ts';

/** The one error body (errors/error.ts) where it stands inside another answer. */
export const errorViewSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  retryable: z.boolean(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type ErrorView = z.infer<typeof errorViewSchema>;

/** The wallet that a worker proved to be its operator's. */
export const workerWalletSchema = z.object({
  address: walletAddressSchema,
  /** Of the statement that both keys signed; a newer one has a higher number. */
  sequence: countSchema,
  expiresAt: timeSchema,
});

/** A worker as operators see it. */
export const workerViewSchema = z.object({
  id: peerIdSchema,
  state: z.enum(['joining', 'listed', 'unreachable', 'draining', 'lost']),
  /** Why it is in that state. */
  reason: z.string(),
  offer: offerSchema.nullable(),
  addresses: z.array(z.string()),
  parts: z.array(observedPartSchema),
  /** Of the machine, lent or not. */
  freeMemoryBytes: countSchema,
  loopDelayP99Ms: z.number(),
  lastSeenAt: timeSchema.nullable(),
  joinedAt: timeSchema,
  /** Null while it is bound to none, or the orchestrator has no chain. */
  wallet: workerWalletSchema.nullable(),
  /** Wei of ROS at stake for it on the chain; null = not known. */
  stakeWei: amountSchema.nullable(),
  /** When the chain last said so: old while its RPC cannot be reached. */
  stakeReadAt: timeSchema.nullable(),
});
export type WorkerView = z.infer<typeof workerViewSchema>;

export const modelViewSchema = z.object({
  name: nameSchema,
  modelHash: sha256Schema,
  state: z.enum(['stored', 'placing', 'ready', 'failed']),
  reason: z.string(),
  sizeBytes: countSchema,
  parameters: countSchema,
  shape: shapeSchema.nullable(),
  placement: placementSchema.nullable(),
  /** In state `failed`: what a request would be told, for example which memory is short on which worker. */
  error: errorViewSchema.nullable(),
  createdAt: timeSchema,
});
export type ModelView = z.infer<typeof modelViewSchema>;

export const eventViewSchema = z.object({
  id: countSchema,
  at: timeSchema,
  /** For example worker.lost, model.placed, request.failed. */
  kind: z.string(),
  subject: z.string(),
  message: z.string(),
});
export type EventView = z.infer<typeof eventViewSchema>;

export const orchestratorViewSchema = z.object({
  peerId: peerIdSchema,
  addresses: z.array(z.string()),
  /** Null until its API listens. */
  apiUrl: z.string().nullable(),
  version: z.string(),
  startedAt: timeSchema,
});

export const statusViewSchema = z.object({
  networkId: z.string(),
  orchestrator: peerIdSchema,
  version: z.string(),
  startedAt: timeSchema,
  addresses: z.array(z.string()),
  /** All that live and share the store, this one too. */
  orchestrators: z.array(orchestratorViewSchema),
  workers: z.array(workerViewSchema),
  models: z.array(modelViewSchema),
  requests: z.object({ running: countSchema, succeeded: countSchema, failed: countSchema }),
  /** Newest first. */
  events: z.array(eventViewSchema),
  /** Resident memory of the orchestrator. */
  rssBytes: countSchema,
});
export type StatusView = z.infer<typeof statusViewSchema>;

export const inviteViewSchema = z.object({
  id: idSchema,
  state: z.enum(['open', 'used', 'revoked', 'expired']),
  createdAt: timeSchema,
  expiresAt: timeSchema,
  /** How many peers may use it, and which have. */
  maxUses: countSchema,
  usedBy: z.array(peerIdSchema),
});
export type InviteView = z.infer<typeof inviteViewSchema>;

export const createInviteSchema = z.strictObject({
  ttlMs: countSchema
    .min(1000)
    .max(365 * 86_400_000)
    .default(86_400_000),
  maxUses: countSchema.min(1).max(10_000).default(1),
});

export const placeModelSchema = z.strictObject({
  shape: shapeSchema.optional(),
  /** Force that no worker holds all experts of any layer. */
  spread: z.boolean().optional(),
  /** Wei of ROS that each worker must have at stake. */
  minStakeWei: amountSchema.optional(),
});

/** Why the workers of one request were chosen and what each did. */
export const routeExplanationSchema = z.object({
  requestId: idSchema,
  model: nameSchema,
  at: timeSchema,
  state: z.enum(['running', 'succeeded', 'failed']),
  error: z.string().nullable(),
  shape: shapeSchema,
  reason: z.string(),
  rejected: z.array(rejectionSchema),
  stages: z.array(z.object({ workerId: peerIdSchema, name: z.string(), from: countSchema, to: countSchema })),
  shares: z.array(workShareSchema.extend({ name: z.string(), expertShare: z.number() })),
  usage: usageSchema.nullable(),
  ttftMs: z.number().nullable(),
  totalMs: z.number().nullable(),
});
export type RouteExplanation = z.infer<typeof routeExplanationSchema>;

// --- OpenAI-compatible bodies (unknown fields are ignored, as OpenAI's own clients send many) ---

const sharedRequest = {
  model: z.string().max(128),
  max_tokens: countSchema.max(1_000_000).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  seed: z.int().nullish(),
  stop: z.union([z.string().max(256), z.array(z.string().max(256)).max(16)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  n: z.literal(1).nullish(),
  user: z.string().nullish(),
  /** Of RiOS: a firm quote (POST /v1/billing/quotes) that this request is to keep to. */
  rios: z.object({ quote: quoteBundleSchema.optional() }).nullish(),
};

export const completionRequestSchema = z.object({
  ...sharedRequest,
  /** Text, or token ids. */
  prompt: z.union([z.string(), z.array(countSchema).min(1), z.array(z.string()).length(1)]),
  logprobs: countSchema.max(100).nullish(),
  echo: z.boolean().nullish(),
});
export type CompletionRequest = z.infer<typeof completionRequestSchema>;

export const chatRequestSchema = z.object({
  ...sharedRequest,
  messages: z.array(messageSchema).min(1).max(1024),
  max_completion_tokens: countSchema.max(1_000_000).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: countSchema.max(20).nullish(),
});
export type ChatRequest = z.infer<typeof chatRequestSchema>;

const openaiUsageSchema = z.object({
  prompt_tokens: countSchema,
  completion_tokens: countSchema,
  total_tokens: countSchema,
});

export const completionSchema = z.object({
  id: z.string(),
  object: z.literal('text_completion'),
  created: countSchema,
  model: z.string(),
  choices: z.array(
    z.object({
      index: countSchema,
      text: z.string(),
      finish_reason: z.enum(['stop', 'length']).nullable(),
      logprobs: z
        .object({
          tokens: z.array(z.string()),
          token_logprobs: z.array(z.number().nullable()),
          top_logprobs: z.array(z.record(z.string(), z.number()).nullable()),
          text_offset: z.array(countSchema),
        })
        .nullable(),
    }),
  ),
  usage: openaiUsageSchema.nullish(),
  /** Ours: absent from other servers; on the last chunk when streaming. */
  rios: runSummarySchema.optional(),
});
export type Completion = z.infer<typeof completionSchema>;

const chatLogprobSchema = z.object({
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(countSchema).nullable(),
});

export const chatCompletionSchema = z.object({
  id: z.string(),
  object: z.enum(['chat.completion', 'chat.completion.chunk']),
  created: countSchema,
  model: z.string(),
  choices: z.array(
    z.object({
      index: countSchema,
      message: z
        .object({ role: z.literal('assistant'), content: z.string().nullable(), refusal: z.null() })
        .optional(),
      delta: z.object({ role: z.literal('assistant').optional(), content: z.string().optional() }).optional(),
      finish_reason: z.enum(['stop', 'length']).nullable(),
      logprobs: z
        .object({
          content: z.array(chatLogprobSchema.extend({ top_logprobs: z.array(chatLogprobSchema) })).nullable(),
        })
        .nullable(),
    }),
  ),
  usage: openaiUsageSchema.nullish(),
  rios: runSummarySchema.optional(),
});
export type ChatCompletion = z.infer<typeof chatCompletionSchema>;

/** OpenAI's list, with our view of each model beside its fields. */
export const modelListSchema = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({
      id: z.string(),
      object: z.literal('model'),
      created: countSchema,
      owned_by: z.string(),
      rios: modelViewSchema.optional(),
    }),
  ),
});
