import type { Selectable } from 'kysely';
import type { ChainIntentsTable } from './settlement-tables.ts';
import type { Store } from './store.ts';

/** An intent as it stands. Gas in wei of the chain's own coin. */
export type StoredIntent = Selectable<ChainIntentsTable>;

/** Whose intents: one account on one chain. */
export interface SignerPlace {
  readonly chainId: number;
  /** With checksum. */
  readonly signer: string;
}

/** What changes of an intent; the rest is as it was written. */
export type IntentChange = Partial<
  Omit<StoredIntent, 'id' | 'intent_key' | 'chain_id' | 'signer' | 'created_at'>
>;

export async function findIntent(store: Store, key: string): Promise<StoredIntent | undefined> {
  return store.selectFrom('chain_intents').selectAll().where('intent_key', '=', key).executeTakeFirst();
}

const ofSigner = (store: Store, { chainId, signer }: SignerPlace) =>
  store.selectFrom('chain_intents').selectAll().where('chain_id', '=', chainId).where('signer', '=', signer);

/** Those that may be on their way, by nonce. */
export async function listSigned(store: Store, place: SignerPlace): Promise<StoredIntent[]> {
  return ofSigner(store, place).where('state', '=', 'signed').orderBy('nonce').execute();
}

/** The oldest that waits and is due; undefined when there is none. */
export async function nextWaiting(
  store: Store,
  place: SignerPlace,
  { now, except }: { readonly now: number; readonly except: readonly string[] },
): Promise<StoredIntent | undefined> {
  const due = ofSigner(store, place).where('state', '=', 'waiting').where('due_at', '<=', now);
  const allowed = except.length === 0 ? due : due.where('kind', 'not in', [...except]);
  return allowed.orderBy('id').limit(1).executeTakeFirst();
}

/**
 * Changes an intent that is still as `intent` says, in state, nonce and time of its last change. False when it is
 * not: somebody else was faster.
 */
export async function changeIntent(tx: Store, intent: StoredIntent, change: IntentChange): Promise<boolean> {
  const { id, state, nonce, changed_at } = intent;
  const changed = await tx
    .updateTable('chain_intents')
    .set(change)
    .where('id', '=', id)
    .where('state', '=', state)
    .where('nonce', nonce === null ? 'is' : '=', nonce)
    .where('changed_at', '=', changed_at)
    .executeTakeFirst();
  return changed.numUpdatedRows === 1n;
}

/** Takes up again what was settled in blocks that the chain has no more: from this nonce on. Gives how many. */
export async function reopenFrom(store: Store, place: SignerPlace, nonce: number): Promise<number> {
  const { numUpdatedRows } = await store
    .updateTable('chain_intents')
    .set({ state: 'signed', hash: null, block_number: null, error_json: null })
    .where('chain_id', '=', place.chainId)
    .where('signer', '=', place.signer)
    .where('state', 'in', ['done', 'failed'])
    .where('nonce', '>=', nonce)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** What the signer's transactions of one day cost, or may cost: wei; those of one intent left out. */
export async function gasOfDay(store: Store, place: SignerPlace, day: number, but: number): Promise<bigint> {
  const rows = await ofSigner(store, place).where('gas_day', '=', day).where('id', '!=', but).execute();
  return rows.reduce((sum, { gas_wei }) => sum + BigInt(gas_wei), 0n);
}

/** Those of one kind for one contract, the newest first. */
export async function listIntentsTo(
  store: Store,
  { chainId, address, kind, limit }: IntentsTo,
): Promise<StoredIntent[]> {
  return store
    .selectFrom('chain_intents')
    .selectAll()
    .where('chain_id', '=', chainId)
    .where('to_address', '=', address)
    .where('kind', '=', kind)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

export interface IntentsTo {
  readonly chainId: number;
  /** With checksum. */
  readonly address: string;
  readonly kind: string;
  readonly limit: number;
}

/** Those of a chain that are not done, the newest first. */
export async function listOpenIntents(store: Store, chainId: number, limit: number): Promise<StoredIntent[]> {
  return store
    .selectFrom('chain_intents')
    .selectAll()
    .where('chain_id', '=', chainId)
    .where('state', '!=', 'done')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** Whether any of a signer's may be sent, or is on its way. */
export async function hasOpenIntents(store: Store, place: SignerPlace): Promise<boolean> {
  const row = await ofSigner(store, place)
    .where('state', 'in', ['waiting', 'signed'])
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Gives a signer what another one of the chain left undone, signed or not: each says itself when it is done already,
 * so that none is done twice. Gives how many.
 */
export async function adoptIntents(
  tx: Store,
  { chainId, signer }: SignerPlace,
  now: number,
): Promise<number> {
  const waiting = { state: 'waiting' as const, nonce: null, gas_wei: '0', gas_day: -1, hash: null };
  const { numUpdatedRows } = await tx
    .updateTable('chain_intents')
    .set({ ...waiting, signer, attempts: 0, due_at: now, changed_at: now })
    .where('chain_id', '=', chainId)
    .where('signer', '!=', signer)
    .where('state', 'in', ['waiting', 'signed'])
    .executeTakeFirst();
  return Number(numUpdatedRows);
}
