import { z } from 'zod';
import { walletAddressSchema } from './binding.ts';
import { amountSchema, countSchema, networkIdSchema, timeSchema } from './common.ts';

/** Who owns money: an account's id, or `local`. */
const accountIdSchema = z.string().min(1).max(80);

/** What a wallet signs (EIP-712): its deposits are this account's. */
export const walletLinkSchema = z.strictObject({
  networkId: networkIdSchema,
  /** EIP-155. */
  chainId: z.int().positive(),
  accountId: accountIdSchema,
  wallet: walletAddressSchema,
  /** 65 bytes. */
  signature: z.string().regex(/^0x[0-9a-f]{130}$/),
});
export type WalletLink = z.infer<typeof walletLinkSchema>;

/** A wallet of an account. */
export const linkedWalletSchema = z.object({
  address: walletAddressSchema,
  accountId: accountIdSchema,
  linkedAt: timeSchema,
  /** All that its vouchers let be collected, wei of ROS. */
  vouchedWei: amountSchema,
});
export type LinkedWallet = z.infer<typeof linkedWalletSchema>;

/** A voucher as it travels; amounts in wei of ROS. See sdk/chain/voucher.ts. */
export const voucherBodySchema = z.strictObject({
  payer: walletAddressSchema,
  cumulativeWei: amountSchema,
  /** Seconds since 1970: the last one in which it can be collected. */
  deadline: countSchema,
  signature: z.string().regex(/^0x([0-9a-fA-F]{2}){65}$/),
});
export type VoucherBody = z.infer<typeof voucherBodySchema>;

/** Where an account's money came from, and what is to be signed for; wei of ROS. */
export const fundsViewSchema = z.object({
  accountId: accountIdSchema,
  networkId: networkIdSchema,
  balanceWei: amountSchema,
  /** Reserved for requests that run. */
  heldWei: amountSchema,
  depositedWei: amountSchema,
  creditedWei: amountSchema,
  spentWei: amountSchema,
  vouchedWei: amountSchema,
  /** Spent of the deposits, and no voucher is there for it. */
  dueWei: amountSchema,
  /** Above this much that is due, requests are refused. */
  limitWei: amountSchema,
  /** What left the escrow that was spent already: the next deposit pays it first. */
  debtWei: amountSchema,
  wallets: z.array(linkedWalletSchema),
});
export type FundsView = z.infer<typeof fundsViewSchema>;

/** `rios billing pay`: what was signed for now, and what is still due; wei of ROS. */
export const paidReportSchema = z.object({
  accountId: accountIdSchema,
  payer: walletAddressSchema,
  paidWei: amountSchema,
  dueWei: amountSchema,
  /** Null when nothing was due. */
  voucher: z.object({ cumulativeWei: amountSchema, deadline: timeSchema }).nullable(),
});
export type PaidReport = z.infer<typeof paidReportSchema>;

const failureSchema = z.object({ code: z.string(), message: z.string() }).nullable();

/** How settlement stands, for who runs the network. */
export const settlementViewSchema = z.object({
  /** Null without a chain. */
  chain: z
    .object({
      chainId: z.int().positive(),
      escrow: walletAddressSchema,
      rewards: walletAddressSchema,
      /** All deposits up to this block are counted; -1 = none is read yet. */
      countedTo: z.int(),
    })
    .nullable(),
  /** Who publishes and collects; null = this orchestrator has no key for it. */
  signer: walletAddressSchema.nullable(),
  /** Today (UTC), wei of the chain's own coin. */
  gas: z.object({ spentWei: amountSchema, budgetWei: amountSchema }),
  /** What waits, is on its way, or failed. */
  intents: z.array(
    z.object({
      key: z.string(),
      state: z.enum(['waiting', 'signed', 'failed']),
      what: z.string(),
      hash: z.string().nullable(),
      error: failureSchema,
    }),
  ),
  vouchers: z.object({ kept: countSchema, sent: countSchema, keptWei: amountSchema }),
  /** Why nothing is published, and where ledger and chain differ; null = they agree. */
  stop: z
    .object({
      at: timeSchema,
      block: z.int(),
      differences: z.array(z.object({ where: z.string(), expectedWei: z.string(), foundWei: z.string() })),
    })
    .nullable(),
  /** When ledger and chain were last compared; null = not since the start. */
  comparedAt: timeSchema.nullable(),
  /** What keeps it from going on; null = nothing. */
  problem: failureSchema,
});
export type SettlementView = z.infer<typeof settlementViewSchema>;
