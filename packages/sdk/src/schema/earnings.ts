import { z } from 'zod';
import { billLineSchema, billOutcomeSchema } from './billing.ts';
import { amountSchema, countSchema, idSchema, peerIdSchema, timeSchema } from './common.ts';

/** Lines of bills for one worker's work, from `from` on (ms), in the order in which they were entered. */
export const earningsQuerySchema = z.strictObject({
  from: z.coerce.number().pipe(timeSchema).default(0),
  limit: z.coerce.number().pipe(countSchema.min(1).max(1_000)).default(500),
  /** `next` of the page before. */
  after: z
    .string()
    .regex(/^\d{1,15}:[a-z0-9_]{3,80}:\d{1,9}$/)
    .optional(),
});
export type EarningsQuery = z.infer<typeof earningsQuerySchema>;

/** What the ledger says of one receipt of a worker. Nothing says whose request it was. */
export const earningSchema = billLineSchema.extend({ outcome: billOutcomeSchema });
export type Earning = z.infer<typeof earningSchema>;

export const earningsPageSchema = z.object({
  /** Peer id. */
  worker: peerIdSchema,
  /** What it earned and no epoch has settled yet, wei of ROS. */
  unsettledWei: amountSchema,
  earnings: z.array(earningSchema),
  next: z.string().nullable(),
});
export type EarningsPage = z.infer<typeof earningsPageSchema>;

/** One ticket of one request, as a worker and the ledger tell it: see billing/compare-earnings. */
export const comparedEarningSchema = z.object({
  requestId: idSchema,
  receiptNonce: z.string(),
  verdict: z.enum(['agreed', 'paid-less', 'paid-more', 'refused', 'not-billed', 'not-kept']),
  /** One clause; null when both agree. */
  reason: z.string().nullable(),
  /** By the newest receipt that the worker kept. */
  signedUnits: countSchema.nullable(),
  signedWei: amountSchema.nullable(),
  paidUnits: countSchema.nullable(),
  paidWei: amountSchema,
  /** The worker's share of what was paid. */
  workerWei: amountSchema,
  epoch: countSchema.nullable(),
  at: timeSchema,
});

/** `rios worker earnings`. */
export const earningsReportSchema = z.object({
  worker: peerIdSchema,
  from: timeSchema,
  /** What the worker's receipts come to, and what of it was paid; before the platform's share. */
  signedWei: amountSchema,
  paidWei: amountSchema,
  /** The worker's share of what was paid; of it what epochs have settled, and of all times what none has yet. */
  workerWei: amountSchema,
  settledWei: amountSchema,
  unsettledWei: amountSchema,
  agreed: countSchema,
  disagreed: countSchema,
  /** Own receipts whose signature does not hold: they are compared with nothing. */
  damaged: countSchema,
  requests: z.array(comparedEarningSchema),
});
export type EarningsReport = z.infer<typeof earningsReportSchema>;
