import { z } from 'zod';
import { amountSchema, countSchema, networkIdSchema, peerIdSchema, timeSchema } from './common.ts';
import { accountAddressSchema, transactionReportSchema } from './money-results.ts';

/** What the commands about stake print under `--json`. Amounts are wei of ROS as decimal digits, times ms since 1970. */

/** Stake on its way out; until it is paid it can still be slashed. */
const unbondingSchema = z.object({ amountWei: amountSchema, readyAt: timeSchema });

/** A worker as the registry of the chain has it. */
export const stakeViewSchema = z.object({
  worker: peerIdSchema,
  operator: accountAddressSchema,
  chainId: countSchema,
  blockNumber: countSchema,
  /** The chain's time: ahead of the clock on a dev chain that was moved on. */
  now: timeSchema,
  isRegistered: z.boolean(),
  /** Where earnings go; null = not registered. */
  payout: accountAddressSchema.nullable(),
  stakeWei: amountSchema,
  unbonding: unbondingSchema.nullable(),
  /** How long stake takes to get out. */
  unbondPeriodMs: countSchema,
});
export type StakeView = z.infer<typeof stakeViewSchema>;

/** What was done, and how it stands now. */
export const stakeReportSchema = z.object({
  did: z.array(z.enum(['registered', 'staked', 'unbonded', 'withdrawn', 'payout changed', 'deregistered'])),
  stake: stakeViewSchema,
  transactions: z.array(transactionReportSchema),
});
export type StakeReport = z.infer<typeof stakeReportSchema>;

/** Whether the orchestrator has taken up what was signed, or why the worker has yet to tell it. */
const toldSchema = z.object({ isKnown: z.boolean(), reason: z.string().nullable() });
export type Told = z.infer<typeof toldSchema>;

/** `rios worker register`. */
export const registrationSchema = stakeReportSchema.extend({
  networkId: networkIdSchema,
  sequence: countSchema,
  expiresAt: timeSchema,
  bindingFile: z.string(),
  told: toldSchema,
});
export type Registration = z.infer<typeof registrationSchema>;

/** `rios worker unregister`. */
export const unregistrationSchema = z.object({
  worker: peerIdSchema,
  wallet: accountAddressSchema,
  /** Bindings up to this one count no more. */
  sequence: countSchema,
  transactions: z.array(transactionReportSchema),
});
export type Unregistration = z.infer<typeof unregistrationSchema>;

/** By command id. */
export const STAKE_RESULTS = {
  'stake:add': stakeReportSchema,
  'stake:payout': stakeReportSchema,
  'stake:status': stakeViewSchema,
  'stake:unbond': stakeReportSchema,
  'stake:withdraw': stakeReportSchema,
  'wallet:stake': stakeReportSchema,
  'wallet:unstake': stakeReportSchema,
  'worker:register': registrationSchema,
  'worker:unregister': unregistrationSchema,
} as const satisfies Record<string, z.ZodType>;
