import type { TransactionCall } from '@rios/sdk/chain/transaction';
import { resolveHome } from '@rios/sdk/config/home';
import { RiosError } from '@rios/sdk/errors/error';
import type { TransactionReport } from '@rios/sdk/schema/money-results';
import { awaitOutcome } from './await-outcome.ts';
import { type ConfirmOptions, confirmTransaction } from './confirm-transaction.ts';
import type { Account } from './open.ts';
import { isAllRefused, openSentStore, type Sent } from './sent-store.ts';
import { settleEarlier } from './settle.ts';
import { signAndSend } from './sign-and-send.ts';

/** How a transaction is confirmed and awaited. */
export interface SubmitOptions extends ConfirmOptions {
  /** How long to wait until it counts by the chain's policy; 5 minutes by default, half an hour for `finalized`. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait; what was sent stays sent. */
  readonly signal: AbortSignal;
  /** The most to pay for a unit of gas, in wei of the coin. */
  readonly maxFeePerGas?: bigint | undefined;
}

/**
 * Previews a transaction, asks, signs it, keeps it in RIOS_HOME, sends it and waits until it is final. An equal one
 * whose outcome an interrupted run never told is not sent again: its outcome is returned, with `resumed`.
 * @throws RiosError QUOTA_BALANCE, CHAIN_*, USER_CONFIRMATION_NEEDED, USER_INTERRUPTED
 */
export async function submitTransaction(
  account: Account,
  call: TransactionCall,
  options: SubmitOptions,
): Promise<TransactionReport> {
  const { chain, address } = account;
  const store = await openSentStore(resolveHome(), chain, address);
  const equal = await settleEarlier(account, store, call, options);
  if (equal !== undefined) {
    const report = await awaitOutcome(account, store, equal, { ...options, resumed: true });
    if (report.what === call.what) return report;
    throw new RiosError('CHAIN_NONCE', `${call.what}: it was not made; in its place: ${report.what}`, {
      hint: 'Run the command again if you want it now.',
      details: { hash: report.hash, blockNumber: report.blockNumber },
    });
  }
  const { prepareTransaction } = await import('@rios/sdk/chain/transaction');
  const { maxFeePerGas } = options;
  const prepared = await prepareTransaction(
    chain,
    address,
    call,
    maxFeePerGas === undefined ? {} : { maxFeePerGas },
  );
  await confirmTransaction(account, prepared, options);
  await account.signer();
  const sent = await store.alone(async () => {
    const kept = await store.list();
    const nonce = await nextNonce(account, kept);
    const refused = kept.find((one) => one.nonce === nonce);
    return signAndSend(account, store, { ...prepared, nonce }, refused?.attempts ?? []);
  });
  return awaitOutcome(account, store, sent, { ...options, resumed: false });
}

/** The account's next nonce: above all that the chain knows of, and all that was signed here and not refused. */
async function nextNonce({ chain, address }: Account, kept: readonly Sent[]): Promise<number> {
  const known = await chain.provider.getTransactionCount(address, 'pending');
  const here = kept.filter((sent) => !isAllRefused(sent)).map(({ nonce }) => nonce + 1);
  return Math.max(known, ...here);
}
