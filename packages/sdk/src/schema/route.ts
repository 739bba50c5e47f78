import { z } from 'zod';
import { countSchema, idSchema, peerIdSchema, sha256Schema } from './common.ts';
import { partIdSchema } from './manifest.ts';
import { ticketBundleSchema } from './trust.ts';
import { peerAddressSchema } from './worker.ts';

export const shapeSchema = z.enum(['replica', 'chain', 'island']);
export type Shape = z.infer<typeof shapeSchema>;

/**
 * One stage of a session: layers [from, to) and their KV cache on one worker. The first stage also holds
 * `embed`, `head`, the tokenizer and the sampler; the last stage pushes its hidden rows back to the first.
 */
export const stageSchema = z.strictObject({
  worker: peerAddressSchema,
  from: countSchema,
  to: countSchema,
  /** Allows the first stage (for stage 0: the orchestrator) to open this stage. */
  ticket: ticketBundleSchema,
  /** Experts of these layers that live on other workers: who computes which groups. Absent groups are local. */
  experts: z
    .array(
      z.strictObject({
        worker: peerAddressSchema,
        /** Allows this stage's worker to call these groups. */
        ticket: ticketBundleSchema,
        parts: z.array(partIdSchema).min(1).max(65_536),
      }),
    )
    .max(256),
});
export type Stage = z.infer<typeof stageSchema>;

/** Everything the workers of one request need to find and trust each other. */
export const routeSchema = z.strictObject({
  requestId: idSchema,
  sessionId: idSchema,
  epoch: countSchema,
  modelHash: sha256Schema,
  shape: shapeSchema,
  stages: z.array(stageSchema).min(1).max(256),
});
export type Route = z.infer<typeof routeSchema>;

/** Why a worker, or a whole shape, was not used: shown to people and machines. */
export const rejectionSchema = z.strictObject({
  subject: z.string().max(128),
  reason: z.string().max(500),
});
export type Rejection = z.infer<typeof rejectionSchema>;

/** Which parts each worker should hold for a model, and why so. */
export const placementSchema = z.strictObject({
  modelHash: sha256Schema,
  shape: shapeSchema,
  /** Stages in order; `experts` says who holds which groups of the stage's layers (the stage's own worker included). */
  stages: z
    .array(
      z.strictObject({
        workerId: peerIdSchema,
        from: countSchema,
        to: countSchema,
        experts: z.array(z.strictObject({ workerId: peerIdSchema, parts: z.array(partIdSchema) })),
      }),
    )
    .min(1),
  /** Predicted milliseconds per token, by measured facts. */
  predictedTpotMs: z.number(),
  /** Why this shape, in words. */
  reason: z.string().max(500).optional(),
  rejected: z.array(rejectionSchema).max(1024),
});
export type Placement = z.infer<typeof placementSchema>;
