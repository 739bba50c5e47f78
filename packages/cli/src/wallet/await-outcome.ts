import { RiosError } from '@rios/sdk/errors/error';
import type { TransactionReport } from '@rios/sdk/schema/money-results';
import type { Account } from './open.ts';
import { lastOf, type Sent, type SentStore } from './sent-store.ts';
import { isRefusal } from './sign-and-send.ts';
import type { SubmitOptions } from './submit.ts';

const WAIT_MS = 300_000;
/** Ethereum calls a block final after about 13 minutes. */
const FINALIZED_WAIT_MS = 1_800_000;

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
    if (isRefusal(error)) await store.remove(sent);
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
