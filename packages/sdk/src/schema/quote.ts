import { z } from 'zod';
import {
  amountSchema,
  countSchema,
  idSchema,
  nameSchema,
  networkIdSchema,
  peerIdSchema,
  sha256Schema,
  timeSchema,
} from './common.ts';
import { signedSchema } from './trust.ts';

/** What one worker may cost. */
export const quoteLineSchema = z.strictObject({
  worker: peerIdSchema,
  /** Token rows at most. */
  maxUnits: countSchema,
  /** Wei of ROS per 1,000,000 units: the worker's ask when the quote was made. */
  priceWei: amountSchema,
});
export type QuoteLine = z.infer<typeof quoteLineSchema>;

/** An orchestrator says: one request of this account on this model costs so much at most. */
export const quoteSchema = z.strictObject({
  quoteId: idSchema,
  networkId: networkIdSchema,
  issuer: peerIdSchema,
  accountId: idSchema,
  model: nameSchema,
  modelHash: sha256Schema,
  /** Of the price table that is kept to. */
  tableVersion: z.int().min(1).max(1_000_000_000),
  lines: z.array(quoteLineSchema).min(1).max(1024),
  /** The most that the request can cost, wei of ROS: the sum of its lines. */
  mostWei: amountSchema,
  issuedAt: timeSchema,
  expiresAt: timeSchema,
});
export type Quote = z.infer<typeof quoteSchema>;

/** A quote with what is needed to check it from the network key alone. */
export const quoteBundleSchema = z.strictObject({ quote: signedSchema, certificate: signedSchema });
export type QuoteBundle = z.infer<typeof quoteBundleSchema>;
