import { parseAddress } from './address.ts';
import { chainError } from './chain-error.ts';
import { readFees } from './gas-fees.ts';
import { missingCoin } from './missing-coin.ts';
import type { Chain } from './open-chain.ts';
import { maxCostOf, type PreparedTransaction, type TransactionCall } from './prepared-transaction.ts';

export { type BumpOptions, bumpTransaction } from './bump-transaction.ts';
export { readFees } from './gas-fees.ts';
export type * from './prepared-transaction.ts';
export { broadcastTransaction, readSigned, type SendOptions, sendTransaction } from './send-transaction.ts';
export { type WaitOptions, waitForTransaction } from './wait-for-transaction.ts';

export interface PrepareOptions {
  /** The most to pay for a unit of gas, wei. */
  readonly maxFeePerGas?: bigint;
  /** In place of the account's next one. */
  readonly nonce?: number;
}

/** Gas above the estimate, in percent: state may change until the transaction's turn. */
const GAS_MARGIN_PERCENT = 20n;

/**
 * Asks the chain what a call costs at most, and whether it would go through.
 * @throws RiosError QUOTA_BALANCE (details.missing, details.unit), CHAIN_REVERTED (the contract's own error),
 * CHAIN_UNDERPRICED (above options.maxFeePerGas), CHAIN_UNSUPPORTED (no EIP-1559), CHAIN_*
 */
export async function prepareTransaction(
  chain: Chain,
  from: string,
  call: TransactionCall,
  options: PrepareOptions = {},
): Promise<PreparedTransaction> {
  const { provider } = chain;
  const { to, data, value = 0n } = call;
  const sender = parseAddress(from);
  const [estimate, fees, nonce, balance] = await asked(
    Promise.all([
      provider.estimateGas({ from: sender, to, data, value }),
      readFees(provider, options.maxFeePerGas),
      options.nonce ?? provider.getTransactionCount(sender, 'pending'),
      provider.getBalance(sender),
    ]),
  );
  const gasLimit = estimate + (estimate * GAS_MARGIN_PERCENT) / 100n;
  const maxCostWei = maxCostOf(gasLimit, fees, value);
  if (balance < maxCostWei) throw missingCoin(sender, maxCostWei, balance);
  const { what, amountWei } = call;
  const amount = amountWei === undefined ? {} : { amountWei };
  const known = { chainId: chain.chainId, from: sender, to: parseAddress(to), what, data, value, ...amount };
  return { ...known, ...fees, gasLimit, nonce, maxCostWei };
}

const asked = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw chainError(error);
  });
