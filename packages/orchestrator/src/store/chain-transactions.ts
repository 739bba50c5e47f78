import type { Selectable } from 'kysely';
import type { SignerPlace, StoredIntent } from './chain-intents.ts';
import type { ChainTransactionsTable } from './settlement-tables.ts';
import type { Store } from './store.ts';

export type StoredTransaction = Selectable<ChainTransactionsTable>;

/** Versions of an intent's transaction with the nonce that it has now, the newest first. */
export async function listVersions(store: Store, { id, nonce }: StoredIntent): Promise<StoredTransaction[]> {
  return store
    .selectFrom('chain_transactions')
    .selectAll()
    .where('intent_id', '=', id)
    .where('nonce', '=', nonce ?? -1)
    .orderBy('version', 'desc')
    .execute();
}

/** Keeps a signed transaction as the newest version of its intent's. Call in a transaction. */
export async function addVersion(tx: Store, transaction: Omit<StoredTransaction, 'version'>): Promise<void> {
  const { newest } = await tx
    .selectFrom('chain_transactions')
    .select(({ fn }) => fn.max('version').as('newest'))
    .where('intent_id', '=', transaction.intent_id)
    .executeTakeFirstOrThrow();
  const version = Number(newest ?? 0) + 1;
  await tx
    .insertInto('chain_transactions')
    .values({ ...transaction, version })
    .execute();
}

/** The nonce that the signer's next transaction was to have; undefined before its first. */
export async function readNextNonce(store: Store, place: SignerPlace): Promise<number | undefined> {
  const row = await store
    .selectFrom('chain_signers')
    .select('next_nonce')
    .where('chain_id', '=', place.chainId)
    .where('address', '=', place.signer)
    .executeTakeFirst();
  return row?.next_nonce;
}

export async function writeNextNonce(tx: Store, place: SignerPlace, nonce: number): Promise<void> {
  await tx
    .insertInto('chain_signers')
    .values({ chain_id: place.chainId, address: place.signer, next_nonce: nonce })
    .onConflict((conflict) => conflict.columns(['chain_id', 'address']).doUpdateSet({ next_nonce: nonce }))
    .execute();
}
