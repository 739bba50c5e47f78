import { z } from 'zod';
import { billLineSchema, billOutcomeSchema } from './billing.ts';
import { amountSchema, countSchema, peerIdSchema, timeSchema } from './common.ts';

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
