import type { TransactionCall } from '@rios/sdk/chain/transaction';
import type { TransactionReport } from '@rios/sdk/schema/wallet-results';
import type { Asking } from '../prompts/confirm.ts';
import type { Account } from './open.ts';

/** How a transaction is confirmed and awaited. */
export interface SubmitOptions {
  readonly asking: Asking;
  readonly quiet: boolean;
  /** How long to wait until it is final by the chain's policy; 5 minutes by default. */
  readonly timeoutMs?: number | undefined;
  /** Highest fee per gas, in wei, if the chain's own suggestion shall not decide. */
  readonly maxFeePerGas?: bigint | undefined;
}

/**
 * Previews a transaction, asks, signs it, keeps it in RIOS_HOME, sends it and waits until it is final. An equal one
 * whose outcome an interrupted run never told is not sent again: its outcome is returned, with `resumed`.
 * @throws RiosError QUOTA_BALANCE, CHAIN_*, USER_CONFIRMATION_NEEDED, USER_INTERRUPTED
 */
export declare function submitTransaction(
  account: Account,
  call: TransactionCall,
  options: SubmitOptions,
): Promise<TransactionReport>;
