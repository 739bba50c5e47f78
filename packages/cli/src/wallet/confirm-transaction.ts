import type { PreparedTransaction } from '@rios/sdk/chain/transaction';
import type { Asking } from '../prompts/confirm.ts';

/**
 * Shows on stderr what a transaction does, to whom, its amount, gas, highest fee and total, and asks.
 * @throws RiosError USER_CONFIRMATION_NEEDED without a terminal and without --yes, USER_INTERRUPTED when the answer is no
 */
export declare function confirmTransaction(
  prepared: PreparedTransaction,
  options: { readonly asking: Asking; readonly quiet: boolean; readonly from: string; readonly chainId: number },
): Promise<void>;
