import type { PreparedTransaction, TransactionCall } from '@rios/sdk/chain/transaction';
import { resolveHome } from '@rios/sdk/config/home';
import { hasCode, RiosError } from '@rios/sdk/errors/error';
import type { TransactionReport } from '@rios/sdk/schema/money-results';
import { type ConfirmOptions, confirmTransaction } from './confirm-transaction.ts';
import type { Account } from './open.ts';
import { lastOf, openSentStore, type Sent, type SentStore } from './sent-store.ts';
import { settleEarlier } from './settle.ts';

/** How a transaction is confirmed and awaited. */
export interface SubmitOptions extends ConfirmOptions {
  /** How long to wait until it counts by the chain's policy; 5 minutes by default, half an hour for `finalized`. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait; what was sent stays sent. */
  readonly signal: AbortSignal;
  /** The most to pay for a unit of gas, in wei of the coin. */
  readonly maxFeePerGas?: bigint | undefined;
}

const WAIT_MS = 300_000;
/** Ethereum calls a block final after about 13 minutes. */
const FINALIZED_WAIT_MS = 1_800_000;
/** After these nobody has the transaction: it was refused before it came to anybody else. */
const REFUSALS = ['CHAIN_NONCE', 'CHAIN_UNDERPRICED', 'CHAIN_REVERTED', 'QUOTA_BALANCE'] as const;

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
  if (equal !== undefined) return awaitOutcome(account, store, equal, { ...options, resumed: true });
  const { prepareTransaction } = await import('@rios/sdk/chain/transaction');
  const { maxFeePerGas } = options;
  const prepared = await prepareTransaction(
    chain,
    address,
    call,
    maxFeePerGas === undefined ? {} : { maxFeePerGas },
  );
  await confirmTransaction(prepared, options);
  await account.signer();
  const sent = await store.alone(async () => {
    const nonce = await nextNonce(account, store);
    return signAndSend(account, store, { ...prepared, nonce }, []);
  });
  return awaitOutcome(account, store, sent, { ...options, resumed: false });
}

/** The account's next nonce: above all that the chain knows of, and all that was signed here. */
async function nextNonce({ chain, address }: Account, store: SentStore): Promise<number> {
  const known = await chain.provider.getTransactionCount(address, 'pending');
  const here = (await store.list()).map(({ nonce }) => nonce + 1);
  return Math.max(known, ...here);
}

/** Signs, keeps and sends it, beside earlier attempts with the same nonce. The caller holds the account's lock. */
export async function signAndSend(
  account: Account,
  store: SentStore,
  prepared: PreparedTransaction,
  earlier: readonly Sent['attempts'][number][],
): Promise<Sent> {
  const { sendTransaction } = await import('@rios/sdk/chain/transaction');
  const { what, to, nonce, from } = prepared;
  const before = { format: 'rios.sent/1' as const, from, nonce };
  let kept: Sent | undefined;
  const onSigned = async (raw: string, hash: string) => {
    const [first, ...rest] = [...earlier, { what, to, hash, raw, signedAt: Date.now() }];
    if (first !== undefined) kept = { ...before, attempts: [first, ...rest] };
    if (kept !== undefined) await store.put(kept);
  };
  try {
    await sendTransaction(account.chain, await account.signer(), prepared, { onSigned });
  } catch (error) {
    if (kept !== undefined && REFUSALS.some((code) => hasCode(error, code))) {
      await forget(account, store, kept, earlier);
    }
    throw error;
  }
  if (kept === undefined) throw new RiosError('BUG_UNEXPECTED', 'a transaction was sent before it was kept');
  return kept;
}

/** Forgets an attempt that was refused, unless the chain has it after all. */
async function forget(
  account: Account,
  store: SentStore,
  kept: Sent,
  earlier: readonly Sent['attempts'][number][],
) {
  if ((await account.chain.provider.getTransactionReceipt(lastOf(kept).hash)) !== null) return;
  const [first, ...rest] = earlier;
  if (first === undefined) await store.remove(kept);
  else await store.put({ ...kept, attempts: [first, ...rest] });
}

/**
 * Waits for whichever attempt comes through; what is known for good is forgotten here, since it is told now.
 * @throws RiosError CHAIN_TIMEOUT (it stays kept), CHAIN_REVERTED, CHAIN_NONCE (another program's came through)
 */
export async function awaitOutcome(
  { chain }: Account,
  store: SentStore,
  sent: Sent,
  options: SubmitOptions & { readonly resumed: boolean },
): Promise<TransactionReport> {
  const { waitForTransaction } = await import('@rios/sdk/chain/transaction');
  const { confirmations, isDevChain } = chain.policy;
  const alternatives = sent.attempts.map(({ hash }) => hash);
  const longestMs = confirmations === 'finalized' ? FINALIZED_WAIT_MS : WAIT_MS;
  const wait = { timeoutMs: options.timeoutMs ?? longestMs, alternatives, sender: sent };
  if (!options.quiet && !isDevChain) {
    process.stderr.write(`sent ${lastOf(sent).hash}; waiting until it counts\n`);
  }
  try {
    const outcome = await Promise.race([
      waitForTransaction(chain, lastOf(sent).hash, wait),
      interruption(options.signal),
    ]);
    const { what, to } = sent.attempts.find(({ hash }) => hash === outcome.hash) ?? lastOf(sent);
    await store.remove(sent);
    return {
      what,
      hash: outcome.hash,
      chainId: chain.chainId,
      from: sent.from,
      to,
      nonce: sent.nonce,
      blockNumber: outcome.blockNumber,
      gasUsed: String(outcome.gasUsed),
      feeWei: String(outcome.feeWei),
      resumed: options.resumed,
    };
  } catch (error) {
    if (REFUSALS.some((code) => hasCode(error, code))) await store.remove(sent);
    throw error;
  }
}

/** Rejects when the user ends the command. */
function interruption(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () =>
      reject(
        new RiosError(
          'USER_INTERRUPTED',
          'interrupted; the transaction was sent and may still come through',
          {
            hint: 'Run the same command again: it goes on with this transaction. See rios wallet history.',
          },
        ),
      );
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
