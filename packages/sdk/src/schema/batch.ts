import { z } from 'zod';
import { countSchema } from './common.ts';

/** Calls in one batch. */
export const MAX_BATCH_CALLS = 32;

/** Calls to JSON routes, made in this order, each after the one before has ended. */
export const batchSchema = z.strictObject({
  calls: z
    .array(
      z.strictObject({
        method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
        /** With its query, for example /v1/workers. */
        path: z
          .string()
          .max(2048)
          .regex(/^\/v1\/[\x21-\x7e]*$/),
        body: z.unknown().optional(),
        idempotencyKey: z.string().optional(),
      }),
    )
    .min(1)
    .max(MAX_BATCH_CALLS),
});
export type BatchCall = z.infer<typeof batchSchema>['calls'][number];

/** One answer for each call, in order: what the call alone would have been answered. */
export const batchAnswerSchema = z.object({
  answers: z.array(z.object({ status: countSchema, requestId: z.string(), body: z.unknown() })),
});
export type BatchAnswer = z.infer<typeof batchAnswerSchema>;
