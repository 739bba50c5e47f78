import { z } from 'zod';
import { amountSchema, countSchema, timeSchema } from './common.ts';
import { linkedWalletSchema, paidReportSchema } from './funds.ts';

/** What the commands about money print under `--json`. Amounts are wei as decimal digits, times ms since 1970. */

export const accountAddressSchema = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
export const transactionHashSchema = z.string().regex(/^0x[0-9a-f]{64}$/);

/** One transaction that came through. */
export const transactionReportSchema = z.object({
  what: z.string(),
  hash: transactionHashSchema,
  chainId: countSchema,
  from: accountAddressSchema,
  to: accountAddressSchema,
  nonce: countSchema,
  blockNumber: countSchema,
  gasUsed: amountSchema,
  /** What it cost in the chain's own coin. */
  feeWei: amountSchema,
  /** It had been sent by an earlier run that was interrupted: this run sent nothing. */
  resumed: z.boolean(),
});
export type TransactionReport = z.infer<typeof transactionReportSchema>;

/** Money that waits to leave the escrow. */
export const exitViewSchema = z.object({ amountWei: amountSchema, readyAt: timeSchema });
export type ExitView = z.infer<typeof exitViewSchema>;

export const balanceReportSchema = z.object({
  address: accountAddressSchema,
  chainId: countSchema,
  blockNumber: countSchema,
  /** Of the chain: a dev chain may be ahead of the clock. */
  now: timeSchema,
  /** ROS of the account itself. */
  rosWei: amountSchema,
  /** The chain's own coin, which pays for gas. */
  coinWei: amountSchema,
  /** ROS in the escrow, and what vouchers ever took out of it. */
  escrowWei: amountSchema,
  spentWei: amountSchema,
  exit: exitViewSchema.nullable(),
});
export type BalanceReport = z.infer<typeof balanceReportSchema>;

const movedSchema = z.object({ amountWei: amountSchema, transaction: transactionReportSchema });
export type MovedReport = z.infer<typeof movedSchema>;

/** `rios wallet deposit`. `linkedTo`: account whose deposit it is; null = nobody's yet, see `rios wallet link`. */
const depositSchema = movedSchema.extend({ linkedTo: z.string().nullable() });
export type DepositReport = z.infer<typeof depositSchema>;

/** `rios wallet withdraw`: what was paid out, what waits, and until when. */
export const withdrawReportSchema = z.object({
  did: z.array(z.enum(['paid', 'started', 'cancelled'])),
  paidWei: amountSchema,
  exit: exitViewSchema.nullable(),
  /** Of the chain: a dev chain may be ahead of the clock. */
  now: timeSchema,
  transactions: z.array(transactionReportSchema),
});
export type WithdrawReport = z.infer<typeof withdrawReportSchema>;

export const historyRowSchema = z.object({
  state: z.enum(['final', 'pending']),
  /** Null while it is pending: its place in a block is not known. */
  blockNumber: countSchema.nullable(),
  at: timeSchema.nullable(),
  hash: transactionHashSchema,
  nonce: countSchema.nullable(),
  what: z.string(),
  /** Positive: to the account. Null where no ROS moved. */
  amountWei: z
    .string()
    .regex(/^-?\d{1,30}$/)
    .nullable(),
  with: accountAddressSchema.nullable(),
});
export type HistoryRow = z.infer<typeof historyRowSchema>;

export const walletSessionSchema = z.object({
  key: accountAddressSchema,
  payer: accountAddressSchema,
  state: z.enum(['live', 'expired', 'used up', 'absent']),
  /** Whether this machine has its secret. */
  isHere: z.boolean(),
  /** What its vouchers may still spend. */
  leftWei: amountSchema,
  expiresAt: timeSchema,
});
export type WalletSession = z.infer<typeof walletSessionSchema>;

/** By command id. */
export const MONEY_RESULTS = {
  'wallet:balance': balanceReportSchema,
  'wallet:bump': transactionReportSchema,
  'wallet:claim': movedSchema,
  'wallet:deposit': depositSchema,
  'wallet:faucet': z.object({ address: accountAddressSchema, amountWei: amountSchema, rosWei: amountSchema }),
  'billing:pay': paidReportSchema,
  'wallet:link': linkedWalletSchema,
  'wallet:history': z.object({ address: accountAddressSchema, rows: z.array(historyRowSchema) }),
  'wallet:send': movedSchema,
  'wallet:session:create': z.object({ session: walletSessionSchema, transaction: transactionReportSchema }),
  'wallet:session:list': z.object({ sessions: z.array(walletSessionSchema) }),
  'wallet:session:revoke': z.object({ session: walletSessionSchema, transaction: transactionReportSchema }),
  'wallet:withdraw': withdrawReportSchema,
} as const satisfies Record<string, z.ZodType>;
