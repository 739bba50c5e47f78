import { bumpTransaction, readFees, readSigned, sendTransaction } from '@rios/sdk/chain/transaction';
import { hasCode } from '@rios/sdk/errors/error';
import type { StoredIntent } from '../store/chain-intents.ts';
import type { StoredTransaction } from '../store/chain-transactions.ts';
import type { Lease } from '../store/leases.ts';
import { keepSigned } from './keep-signed.ts';
import type { Sender } from './sender.ts';

/** Errors after which what is on its way already must do. */
const LEFT_AS_IT_IS = [
  'CHAIN_UNDERPRICED',
  'CHAIN_NONCE',
  'SETTLEMENT_GAS_BUDGET',
  'SETTLEMENT_UNBALANCED',
  'CONFLICT_IN_FLIGHT',
] as const;

/**
 * Sends a stuck transaction with the same nonce and fees higher by 12.5 % at least. False when the limit of the fees, the
 * day's budget or another orchestrator stands against it: then the one that is out must do.
 * @throws RiosError CHAIN_UNREACHABLE, CHAIN_TIMEOUT, CHAIN_BAD_ANSWER
 */
export async function raiseFees(
  sender: Sender,
  intent: StoredIntent,
  newest: StoredTransaction,
  lease: Lease,
): Promise<boolean> {
  const { chain, signer, clock, options, point, sentAt, log } = sender;
  const key = intent.intent_key;
  try {
    const market = await readFees(chain.provider, options.maxFeePerGas);
    const { hash: replaced, ...before } = readSigned(newest.raw, intent.what);
    const raised = bumpTransaction(before, { market });
    if (raised.maxFeePerGas > options.maxFeePerGas) return false;
    const onSigned = async (raw: string, hash: string) => {
      await point('signed');
      await keepSigned(sender, raw, { intent, lease });
      sentAt.set(hash, clock.now());
      await point('kept');
    };
    const { hash } = await sendTransaction(chain, signer, raised, { onSigned });
    await point('sent');
    log.info('a stuck transaction is sent with higher fees', { key, replaced, hash });
    return true;
  } catch (error) {
    const reason = LEFT_AS_IT_IS.find((code) => hasCode(error, code));
    if (reason === undefined) throw error;
    log.warn('a stuck transaction keeps its fees', { key, code: reason });
    return false;
  }
}
