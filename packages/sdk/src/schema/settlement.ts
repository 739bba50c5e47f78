import { z } from 'zod';
import { amountSchema, countSchema, sha256Schema, timeSchema } from './common.ts';
import { accountAddressSchema, transactionHashSchema } from './money-results.ts';

/** What the API says about settlement; public. Amounts are wei of ROS as decimal digits, times ms since 1970. */

const rootSchema = z.string().regex(/^0x[0-9a-f]{64}$/);

/**
 * `closing`: what it settles is fixed, and its root is computed. `built`: the root is known, and waits for its
 * transaction. `published`: it is on the chain. `vetoed`: the guardian took it back; what it settled is open again.
 * `stopped`: it cannot be built. `failed`: the chain refused its transaction.
 */
export const epochStateSchema = z.enum(['closing', 'built', 'published', 'vetoed', 'stopped', 'failed']);
export type EpochStateView = z.infer<typeof epochStateSchema>;

/** What an epoch comes to, once it is built. */
export const epochFactsSchema = z.object({
  root: rootSchema,
  receiptsRoot: rootSchema,
  /** Content address of the public file of its receipts. */
  sha256: sha256Schema,
  sizeBytes: countSchema,
  payees: countSchema,
  receipts: countSchema,
  paidWei: amountSchema,
  earnedWei: amountSchema,
  platformWei: amountSchema,
  carriedWei: amountSchema,
  /** All that workers ever earned: what the contract is told. */
  totalWei: amountSchema,
});
export type EpochFacts = z.infer<typeof epochFactsSchema>;

export const epochViewSchema = z.object({
  epoch: countSchema,
  chainId: countSchema,
  /** The contract RosRewards. */
  rewards: accountAddressSchema,
  state: epochStateSchema,
  feeBps: countSchema,
  /** When the first and the last of its charges was entered. */
  from: timeSchema,
  to: timeSchema,
  closedAt: timeSchema,
  builtAt: timeSchema.nullable(),
  /** Null until it is built. */
  facts: epochFactsSchema.nullable(),
  /** That published it. */
  transaction: transactionHashSchema.nullable(),
  /** Why it is stopped, vetoed or failed. */
  error: z.string().nullable(),
});
export type EpochView = z.infer<typeof epochViewSchema>;

export const listEpochsSchema = z.strictObject({
  /** Only epochs with a lower number. */
  before: z.coerce.number().pipe(z.int().min(1)).optional(),
  limit: z.coerce.number().pipe(z.int().min(1).max(100)).optional(),
});

/** All that an account ever earned as of one published epoch, and the way from its leaf to that root. */
export const rewardsClaimSchema = z.object({
  epoch: countSchema,
  root: rootSchema,
  account: accountAddressSchema,
  cumulativeWei: amountSchema,
  proof: z.array(rootSchema).max(64),
});
export type RewardsClaim = z.infer<typeof rewardsClaimSchema>;

/** Newest first: the newest may wait on the chain while the one before it can be claimed. */
export const rewardsViewSchema = z.object({
  account: accountAddressSchema,
  claims: z.array(rewardsClaimSchema).max(8),
});
export type RewardsView = z.infer<typeof rewardsViewSchema>;

/** Sums over all users and workers; names none of them. */
export const statisticsViewSchema = z.object({
  at: timeSchema,
  /** Requests that ended, by how. */
  requests: z.object({ served: countSchema, partial: countSchema, failed: countSchema }),
  /** Epochs that are built, and what they came to. */
  settled: z.object({
    epochs: countSchema,
    receipts: countSchema,
    payees: countSchema,
    paidWei: amountSchema,
    earnedWei: amountSchema,
    platformWei: amountSchema,
  }),
  /** Charges that are in no built epoch yet. */
  open: z.object({ charges: countSchema }),
});
export type StatisticsView = z.infer<typeof statisticsViewSchema>;
