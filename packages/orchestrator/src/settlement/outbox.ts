import { parseAddress } from '@rios/sdk/chain/address';
import type { TransactionCall } from '@rios/sdk/chain/transaction';
import { RiosError } from '@rios/sdk/errors/error';
import { changeIntent, findIntent, type StoredIntent } from '../store/chain-intents.ts';
import { decodeJson, encodeJson } from '../store/json.ts';
import type { Store } from '../store/store.ts';
import { type IntentGoal, intentGoalSchema } from './intent-goal.ts';

/** Something to be done on the chain, once. */
export interface NewIntent {
  /** The same key is the same intent, however often it is written: `publish:<chain id>:<contract>:<epoch>`. */
  readonly key: string;
  readonly chainId: number;
  /** The account that sends it. */
  readonly signer: string;
  readonly call: TransactionCall;
  readonly goal: IntentGoal;
}

/** What became of an intent so far. */
export interface IntentView {
  readonly key: string;
  readonly state: StoredIntent['state'];
  readonly what: string;
  readonly goal: IntentGoal;
  /** Null while it waits, and for one whose goal the chain had reached already. */
  readonly hash: string | null;
  readonly blockNumber: number | null;
  /** Why it waits or failed: an error body; null = no reason. */
  readonly error: unknown;
}

/**
 * Writes an intent in the caller's transaction: it is sent if that commits, and only then.
 * @returns `same` when it was written before
 * @throws RiosError CONFLICT_INTENT when the key stands for something else, USER_INVALID_REQUEST (an address, a value)
 */
export async function writeIntent(tx: Store, intent: NewIntent, now: number): Promise<'new' | 'same'> {
  const row = rowOf(intent);
  const known = await findIntent(tx, intent.key);
  if (known !== undefined) return checkSame(known, row);
  const waiting = { state: 'waiting' as const, nonce: null, attempts: 0, due_at: now };
  const nothing = { gas_wei: '0', gas_day: -1, error_json: null, hash: null, block_number: null };
  await tx
    .insertInto('chain_intents')
    .values({ ...row, ...waiting, ...nothing, created_at: now, changed_at: now })
    .execute();
  return 'new';
}

function rowOf({ key, chainId, signer, call, goal }: NewIntent) {
  if ((call.value ?? 0n) !== 0n) {
    throw new RiosError('USER_INVALID_REQUEST', 'an intent moves no coin of the chain');
  }
  return {
    intent_key: key,
    chain_id: chainId,
    signer: parseAddress(signer),
    kind: goal.kind,
    to_address: parseAddress(call.to),
    data: call.data,
    what: call.what,
    goal_json: encodeJson(intentGoalSchema.parse(goal)),
  };
}

function checkSame(known: StoredIntent, row: ReturnType<typeof rowOf>): 'same' {
  const fields = ['chain_id', 'signer', 'to_address', 'data'] as const;
  const changed = fields.filter((field) => known[field] !== row[field]);
  if (changed.length === 0) return 'same';
  throw new RiosError('CONFLICT_INTENT', `the intent ${known.intent_key} stands for something else already`, {
    details: { key: known.intent_key, changed },
  });
}

/** Undefined when nobody wrote it. */
export async function readIntent(store: Store, key: string): Promise<IntentView | undefined> {
  const row = await findIntent(store, key);
  return row === undefined ? undefined : viewOf(row);
}

/**
 * Lets an intent that failed on the chain be tried again, with a new transaction.
 * @throws RiosError NOT_FOUND_INTENT, CONFLICT_INTENT when it did not fail
 */
export async function retryIntent(tx: Store, key: string, now: number): Promise<void> {
  const known = await findIntent(tx, key);
  if (known === undefined) throw new RiosError('NOT_FOUND_INTENT', `there is no intent ${key}`);
  const again = { state: 'waiting' as const, nonce: null, attempts: 0, due_at: now, hash: null };
  const isFailed = known.state === 'failed';
  if (isFailed && (await changeIntent(tx, known, { ...again, block_number: null, changed_at: now }))) return;
  throw new RiosError('CONFLICT_INTENT', `the intent ${key} is ${known.state}: only a failed one is retried`);
}

const viewOf = (row: StoredIntent): IntentView => ({
  key: row.intent_key,
  state: row.state,
  what: row.what,
  goal: decodeJson(intentGoalSchema, row.goal_json),
  hash: row.hash,
  blockNumber: row.block_number,
  error: row.error_json === null ? null : JSON.parse(row.error_json),
});
