import { prepareTransaction, sendTransaction, type TransactionCall } from '@rios/sdk/chain/transaction';
import { hasCode, RiosError, toErrorBody } from '@rios/sdk/errors/error';
import { changeIntent, nextWaiting, reopenFrom, type StoredIntent } from '../store/chain-intents.ts';
import { readNextNonce } from '../store/chain-transactions.ts';
import { encodeJson } from '../store/json.ts';
import type { Lease } from '../store/leases.ts';
import { judgeGoal } from './intent-goal.ts';
import { keepSigned } from './keep-signed.ts';
import { readStop } from './publishing-stop.ts';
import type { Sender } from './sender.ts';

const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 600_000;

/** What one step of sending did. */
export type SendOutcome =
  | { readonly kind: 'idle' | 'not-held' | 'reopened' }
  | { readonly kind: 'waiting' | 'sent' | 'done' | 'failed' | 'refused' | 'displaced'; readonly key: string };

/**
 * Sends the oldest intent that is due. Call while none of the signer's is on its way.
 * @throws RiosError CHAIN_*, QUOTA_BALANCE (coin for gas), SETTLEMENT_GAS_BUDGET: nothing can be sent now
 */
export async function sendNext(sender: Sender, lease: Lease): Promise<SendOutcome> {
  const { store, clock, chain, place } = sender;
  const nextNonce = await readNextNonce(store, place);
  const used = await chain.provider.getTransactionCount(place.signer, 'latest');
  // fewer than we settled: a reorganisation took them back, and the same bytes go out again
  if (nextNonce !== undefined && used < nextNonce && (await reopenFrom(store, place, used)) > 0) {
    sender.sentAt.clear();
    return { kind: 'reopened' };
  }
  const stop = await readStop(store);
  const except = stop === undefined ? [] : ['publish'];
  const intent = await nextWaiting(store, place, { now: clock.now(), except });
  if (intent === undefined) return { kind: 'idle' };
  const key = intent.intent_key;
  try {
    await signAndSend(sender, intent, lease);
    return { kind: 'sent', key };
  } catch (error) {
    if (hasCode(error, 'CONFLICT_IN_FLIGHT') || hasCode(error, 'CONFLICT_EXISTS'))
      return { kind: 'not-held' };
    if (isRefusal(error)) return refused(sender, intent, error);
    throw error;
  }
}

async function signAndSend(sender: Sender, intent: StoredIntent, lease: Lease): Promise<void> {
  const { chain, clock, signer, place, options, point, sentAt } = sender;
  const nonce = await chain.provider.getTransactionCount(place.signer, 'pending');
  const { maxFeePerGas } = options;
  const prepared = await prepareTransaction(chain, place.signer, callOf(intent), { nonce, maxFeePerGas });
  const onSigned = async (raw: string, hash: string) => {
    await point('signed');
    await keepSigned(sender, raw, { intent, lease });
    sentAt.set(hash, clock.now());
    await point('kept');
  };
  await sendTransaction(chain, signer, prepared, { onSigned });
  await point('sent');
}

const callOf = ({ to_address, data, what }: StoredIntent): TransactionCall => ({
  to: to_address,
  data,
  what,
});

/** The contract's own no, before anything was signed: it concerns this intent alone. */
function isRefusal(error: unknown): error is RiosError {
  if (!(error instanceof RiosError) || error.details?.hash !== undefined) return false;
  return error.code === 'CHAIN_REVERTED' || (error.code === 'QUOTA_BALANCE' && error.details?.unit === 'ROS');
}

/** Done already by somebody, or to be tried later; others go first meanwhile. */
async function refused(sender: Sender, intent: StoredIntent, error: RiosError): Promise<SendOutcome> {
  const { store, clock, contracts, log } = sender;
  const now = clock.now();
  const key = intent.intent_key;
  const verdict = await judgeGoal(intent.goal_json, contracts);
  if (verdict.kind === 'reached') {
    await changeIntent(store, intent, { state: 'done', error_json: null, changed_at: now });
    return { kind: 'done', key };
  }
  if (verdict.kind === 'contradicted') {
    const failed = { state: 'failed' as const, error_json: encodeJson(toErrorBody(verdict.error)) };
    await changeIntent(store, intent, { ...failed, changed_at: now });
    log.error('the chain contradicts an intent', { key, error: verdict.error.message });
    return { kind: 'failed', key };
  }
  const waitMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(intent.attempts, 20));
  const error_json = encodeJson(toErrorBody(error));
  const attempts = intent.attempts + 1;
  await changeIntent(store, intent, { attempts, due_at: now + waitMs, error_json, changed_at: now });
  log.warn('the chain refuses an intent', { key, code: error.code, error: error.message, waitMs });
  return { kind: 'refused', key };
}
