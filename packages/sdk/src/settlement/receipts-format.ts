import { z } from 'zod';
import { base64urlSchema, countSchema, networkIdSchema, peerIdSchema, timeSchema } from '../schema/common.ts';
import { signedSchema } from '../schema/trust.ts';

/**
 * The public file of one epoch, `rios.receipts/1`: lines of canonical JSON, each ended by one line feed. One header,
 * the payees by address, the receipts by ticket, one end. Any other text of the same content is no such file, so that
 * the root over its lines and its sha256 name one content.
 */
export const RECEIPTS_FORMAT = 'rios.receipts/1';

/** Longest line: a receipt as large as its schema allows, and what stands around it. */
export const MAX_LINE_BYTES = 264 * 1024;
export const MAX_PAYEES = 1_000_000;
export const MAX_RECEIPTS = 10_000_000;
export const MAX_FILE_BYTES = 8 * 1024 ** 3;

/** Wei of ROS: decimal digits in their one form. */
const weiSchema = z.string().regex(/^(0|[1-9]\d{0,29})$/);
/** Lower case: one text for one account. */
const accountSchema = z.string().regex(/^0x[0-9a-f]{40}$/);
const hashSchema = z.string().regex(/^0x[0-9a-f]{64}$/);
const nonceSchema = z.string().regex(/^[0-9a-f]{32}$/);

/** Line 1: whose epoch this is, and how much follows. */
export const headerLineSchema = z.strictObject({
  kind: z.literal('header'),
  format: z.literal(RECEIPTS_FORMAT),
  networkId: networkIdSchema,
  chainId: z.int().positive(),
  /** The contract RosRewards. */
  rewards: accountSchema,
  epoch: z.int().positive(),
  /** The platform's share of what users pay, in basis points. */
  feeBps: z.int().min(0).max(2_000),
  /** When the first and the last of it was entered in the ledger. */
  from: timeSchema,
  to: timeSchema,
  /** Remainders of divisions that earlier epochs left. */
  carriedBeforeWei: weiSchema,
  payees: z.int().min(1).max(MAX_PAYEES),
  receipts: z.int().min(0).max(MAX_RECEIPTS),
});
export type HeaderLine = z.infer<typeof headerLineSchema>;

/** One leaf of the root, and of the root before. */
export const payeeLineSchema = z.strictObject({
  kind: z.literal('payee'),
  account: accountSchema,
  /** All that the epoch before owed; 0 = it had no leaf there. */
  beforeWei: weiSchema,
  earnedWei: weiSchema,
  cumulativeWei: weiSchema,
});
export type PayeeLine = z.infer<typeof payeeLineSchema>;

/** What one receipt was paid. Names no account of a user, and no digest of what one wrote that has no salt. */
export const receiptLineSchema = z.strictObject({
  kind: z.literal('receipt'),
  /** Nonce of the ticket: a ticket is paid for once. */
  ticket: nonceSchema,
  worker: peerIdSchema,
  /** The payee. */
  account: accountSchema,
  /** Who paid, by the name that it has in this epoch alone. */
  payer: nonceSchema,
  /** Units that were charged: no more than the receipt counts. */
  units: countSchema,
  /** For 1,000,000 units. */
  priceWei: weiSchema,
  amountWei: weiSchema,
  workerWei: weiSchema,
  platformWei: weiSchema,
  /** The receipt as the worker signed it. */
  payload: signedSchema.shape.payload,
  signature: base64urlSchema.max(88),
});
export type ReceiptLine = z.infer<typeof receiptLineSchema>;

/** The last line: sums over all above, and the two roots that are published. */
export const endLineSchema = z.strictObject({
  kind: z.literal('end'),
  /** Charged to users. */
  paidWei: weiSchema,
  earnedWei: weiSchema,
  platformWei: weiSchema,
  /** carriedBefore + paid - earned - platform */
  carriedWei: weiSchema,
  /** Sum of all leaves. */
  totalWei: weiSchema,
  root: hashSchema,
  /** Over every line before this one. */
  receiptsRoot: hashSchema,
});
export type EndLine = z.infer<typeof endLineSchema>;
