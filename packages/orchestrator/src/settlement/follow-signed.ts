import { broadcastTransaction, readSigned, waitForTransaction } from '@rios/sdk/chain/transaction';
import { hasCode, RiosError, toErrorBody } from '@rios/sdk/errors/error';
import { changeIntent, type StoredIntent } from '../store/chain-intents.ts';
import { listVersions, type StoredTransaction } from '../store/chain-transactions.ts';
import { encodeJson } from '../store/json.ts';
import type { Lease } from '../store/leases.ts';
import { judgeGoal } from './intent-goal.ts';
import { raiseFees } from './raise-fees.ts';
import type { SendOutcome } from './send-next.ts';
import type { Sender } from './sender.ts';

/** The same bytes go out again no more often than this. */
const AGAIN_MS = 15_000;

/** Looks what became of a signed intent, once; sends it again where it must. @throws RiosError CHAIN_*, SETTLEMENT_* */
export async function followSigned(sender: Sender, intent: StoredIntent, lease: Lease): Promise<SendOutcome> {
  const versions = await listVersions(sender.store, intent);
  const [newest, ...older] = versions;
  if (newest === undefined) {
    throw new RiosError('BUG_UNEXPECTED', `the signed intent ${intent.intent_key} has no transaction`);
  }
  const alternatives = older.map(({ hash }) => hash);
  const nonce = { from: sender.place.signer, nonce: newest.nonce };
  try {
    const waiting = { timeoutMs: 0, alternatives, sender: nonce };
    const { hash, blockNumber, feeWei } = await waitForTransaction(sender.chain, newest.hash, waiting);
    return await settle(sender, intent, { state: 'done', hash, blockNumber, feeWei });
  } catch (error) {
    if (!(error instanceof RiosError)) throw error;
    const { code, details, cause } = error;
    if (typeof details?.blockNumber === 'number') return reverted(sender, intent, error);
    if (code === 'CHAIN_NONCE') return displaced(sender, intent);
    // not there yet, unless the RPC did not answer at all
    if (code !== 'CHAIN_TIMEOUT' || details?.hashes === undefined) throw error;
    if (cause instanceof RiosError) throw cause;
    return push(sender, intent, { versions, newest, lease });
  }
}

interface Settled {
  readonly state: 'done' | 'failed';
  readonly hash: string;
  readonly blockNumber: number;
  readonly feeWei: bigint;
  readonly error?: RiosError;
}

async function settle(sender: Sender, intent: StoredIntent, settled: Settled): Promise<SendOutcome> {
  const { store, clock, point, log } = sender;
  const { state, hash, blockNumber, feeWei, error } = settled;
  await point('settled');
  await changeIntent(store, intent, {
    state,
    hash,
    block_number: blockNumber,
    gas_wei: String(feeWei),
    error_json: error === undefined ? null : encodeJson(toErrorBody(error)),
    changed_at: clock.now(),
  });
  sender.sentAt.clear();
  await point('noted');
  const key = intent.intent_key;
  log.info('intent settled', { key, state, hash, blockNumber });
  return { kind: state, key };
}

/** A duplicate reverts too: what the chain's state says counts. */
async function reverted(sender: Sender, intent: StoredIntent, error: RiosError): Promise<SendOutcome> {
  const { hash, blockNumber, feeWei } = error.details ?? {};
  const place = { hash: String(hash), blockNumber: Number(blockNumber), feeWei: BigInt(String(feeWei)) };
  const verdict = await judgeGoal(intent.goal_json, sender.contracts);
  if (verdict.kind === 'reached') return settle(sender, intent, { state: 'done', ...place });
  const why = verdict.kind === 'contradicted' ? verdict.error : error;
  return settle(sender, intent, { state: 'failed', ...place, error: why });
}

/** Another program used the account, and ours can never follow: it gets another nonce. */
async function displaced(sender: Sender, intent: StoredIntent): Promise<SendOutcome> {
  const { store, clock, log } = sender;
  const free = { state: 'waiting' as const, nonce: null, gas_wei: '0', gas_day: -1 };
  const now = clock.now();
  await changeIntent(store, intent, { ...free, due_at: now, changed_at: now });
  log.warn('another program uses the account that settles', { key: intent.intent_key, nonce: intent.nonce });
  return { kind: 'displaced', key: intent.intent_key };
}

interface Pushed {
  readonly versions: readonly StoredTransaction[];
  readonly newest: StoredTransaction;
  readonly lease: Lease;
}

/** Sends the same bytes again, or raises the fees of what is stuck. What lies in a block already is left alone. */
async function push(
  sender: Sender,
  intent: StoredIntent,
  { versions, newest, lease }: Pushed,
): Promise<SendOutcome> {
  const { clock, chain, options, sentAt } = sender;
  const waiting = { kind: 'waiting' as const, key: intent.intent_key };
  for (const { hash } of versions) {
    if ((await chain.provider.getTransactionReceipt(hash)) !== null) return waiting;
  }
  const now = clock.now();
  const isStuck = now - newest.signed_at >= options.stuckMs;
  if (isStuck && (await raiseFees(sender, intent, newest, lease))) return { ...waiting, kind: 'sent' };
  const lastAt = sentAt.get(newest.hash);
  if (lastAt !== undefined && now - lastAt < AGAIN_MS) return waiting;
  sentAt.set(newest.hash, now);
  await sendAgain(sender, newest);
  return waiting;
}

/** A no that the next look explains (the nonce is used, the fee too low by now) is none of an error here. */
async function sendAgain({ chain, log }: Sender, { raw }: StoredTransaction): Promise<void> {
  try {
    await broadcastTransaction(chain, raw);
  } catch (error) {
    if (!hasCode(error, 'CHAIN_NONCE') && !hasCode(error, 'CHAIN_UNDERPRICED')) throw error;
    log.warn('the chain does not take a transaction again', {
      hash: readSigned(raw, '').hash,
      code: error.code,
    });
  }
}
