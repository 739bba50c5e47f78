import { z } from 'zod';
import { countSchema, networkIdSchema, sha256Schema, timeSchema } from './common.ts';
import { accountAddressSchema, transactionHashSchema } from './money-results.ts';
import { epochViewSchema } from './settlement.ts';

/** What the commands about settlement print under `--json`. Amounts are wei of ROS as decimal digits. */

/** Sums of what a file or a contract says: as large as those please. */
const sumSchema = z.string().regex(/^-?\d{1,40}$/);
const rootSchema = z.string().regex(/^0x[0-9a-f]{64}$/);

/** One thing that is not as it should be; `line` counts from 1, null = about the whole. */
export const findingSchema = z.object({
  kind: z.enum([
    'form',
    'order',
    'doubled',
    'signature',
    'charge',
    'sum',
    'epoch',
    'contract',
    'absent',
    'vetoed',
    'root',
    'receipts-root',
    'total',
    'before',
  ]),
  line: countSchema.nullable(),
  message: z.string(),
  expected: z.string().nullable(),
  actual: z.string().nullable(),
});
export type FindingView = z.infer<typeof findingSchema>;

/** What a receipts file comes to, computed anew from its receipts and payees. */
export const fileViewSchema = z.object({
  /** Its content address; null when it could not be read to its end. */
  sha256: sha256Schema.nullable(),
  sizeBytes: countSchema,
  networkId: networkIdSchema.nullable(),
  chainId: countSchema.nullable(),
  rewards: accountAddressSchema.nullable(),
  epoch: countSchema.nullable(),
  payees: countSchema,
  receipts: countSchema,
  /** Null when the file could not be read to its end. */
  computed: z
    .object({
      root: rootSchema,
      receiptsRoot: rootSchema,
      totalWei: sumSchema,
      paidWei: sumSchema,
      earnedWei: sumSchema,
      platformWei: sumSchema,
      /** What divisions left over; negative only in a wrong file. */
      carriedWei: sumSchema,
    })
    .nullable(),
});
export type FileView = z.infer<typeof fileViewSchema>;

/** One publication of an epoch: it waits, counts, or was vetoed. */
export const publicationViewSchema = z.object({
  state: z.enum(['waits', 'counts', 'vetoed']),
  root: rootSchema,
  receiptsRoot: rootSchema,
  totalWei: sumSchema,
  /** When its root takes effect. */
  readyAt: timeSchema,
  blockNumber: countSchema,
  transaction: transactionHashSchema,
});

/** `rios audit`. */
export const auditReportSchema = z.object({
  epoch: countSchema,
  equal: z.boolean(),
  file: fileViewSchema,
  /** Null when the file gave nothing to compare. */
  chain: z.object({ blockNumber: countSchema, publications: z.array(publicationViewSchema) }).nullable(),
  /** The first twenty of the file, of the chain, and of each earlier file. */
  findings: z.array(findingSchema),
  findingsCount: countSchema,
});
export type AuditReport = z.infer<typeof auditReportSchema>;

/** `rios receipt verify`: a public file of receipts by itself, without a chain. */
export const receiptsVerdictSchema = z.object({
  ok: z.boolean(),
  file: fileViewSchema,
  findings: z.array(findingSchema),
  findingsCount: countSchema,
});
export type ReceiptsVerdict = z.infer<typeof receiptsVerdictSchema>;

/** `rios epoch receipts`: a file that is there whole. */
export const fetchedReceiptsSchema = z.object({
  epoch: countSchema,
  out: z.string(),
  sha256: sha256Schema,
  sizeBytes: countSchema,
});
export type FetchedReceipts = z.infer<typeof fetchedReceiptsSchema>;

/** By command id. */
export const SETTLEMENT_RESULTS = {
  audit: auditReportSchema,
  'receipt:verify': receiptsVerdictSchema,
  'epoch:close': epochViewSchema,
  'epoch:list': z.object({ epochs: z.array(epochViewSchema) }),
  'epoch:receipts': fetchedReceiptsSchema,
  'epoch:show': epochViewSchema,
} as const;
