import { type Signed, signedSchema } from '@rios/sdk/schema/trust';
import type { Selectable } from 'kysely';
import type { WalletBindingsTable } from './database.ts';
import { decodeJson, encodeJson } from './json.ts';
import type { Store } from './store.ts';

/** Wallets of one worker that are remembered; of more, those with the oldest statements are forgotten. */
export const MAX_WALLETS = 16;

/** A statement of a worker and a wallet that they belong together, as both signed it. */
export interface StoredBinding {
  readonly peerId: string;
  readonly address: string;
  /** The one with the highest counts; an older one never counts again. */
  readonly sequence: number;
  readonly expiresAt: number;
  readonly statement: Signed;
  readonly notedAt: number;
  /** One side has taken back all with this wallet up to this sequence. */
  readonly revokedUpTo: number | null;
}

/** What noting a statement did: only a `new` one changed anything. */
export type NotedBinding = 'new' | 'same' | 'older' | 'other' | 'revoked';

/**
 * Notes a statement whose signatures were checked, if it is newer than all that are known of the worker and was not
 * taken back. Call in a transaction.
 */
export async function noteBinding(
  tx: Store,
  binding: Omit<StoredBinding, 'revokedUpTo'>,
): Promise<NotedBinding> {
  const known = await listWallets(tx, binding.peerId);
  const own = known.find(({ address }) => address === binding.address);
  if (own !== undefined && (own.revokedUpTo ?? -1) >= binding.sequence) return 'revoked';
  const [newest] = known;
  if (newest !== undefined && newest.sequence > binding.sequence) return 'older';
  if (newest?.sequence === binding.sequence) {
    return newest.address === binding.address && newest.expiresAt === binding.expiresAt ? 'same' : 'other';
  }
  const row = toRow(binding);
  await tx
    .insertInto('wallet_bindings')
    .values({ peer_id: binding.peerId, address: binding.address, ...row })
    .onConflict((conflict) => conflict.columns(['peer_id', 'address']).doUpdateSet(row))
    .execute();
  await forget(tx, binding.peerId, own === undefined ? known.slice(MAX_WALLETS - 1) : []);
  return 'new';
}

async function forget(tx: Store, peerId: string, old: readonly StoredBinding[]): Promise<void> {
  if (old.length === 0) return;
  const addresses = old.map(({ address }) => address);
  await tx
    .deleteFrom('wallet_bindings')
    .where('peer_id', '=', peerId)
    .where('address', 'in', addresses)
    .execute();
}

/** What taking back did; `already` = that, or more, was taken back before. */
export type RevokedBinding = 'revoked' | 'already' | 'unknown';

/** Takes back what a worker and a wallet stated up to `sequence`. Call in a transaction. */
export async function revokeBinding(
  tx: Store,
  { peerId, address, sequence }: Pick<StoredBinding, 'peerId' | 'address' | 'sequence'>,
): Promise<RevokedBinding> {
  const own = (await listWallets(tx, peerId)).find((wallet) => wallet.address === address);
  if (own === undefined) return 'unknown';
  if ((own.revokedUpTo ?? -1) >= sequence) return 'already';
  await tx
    .updateTable('wallet_bindings')
    .set({ revoked_up_to: sequence })
    .where('peer_id', '=', peerId)
    .where('address', '=', address)
    .execute();
  return 'revoked';
}

/** All that is remembered of one worker, the newest statement first. */
export async function listWallets(store: Store, peerId: string): Promise<StoredBinding[]> {
  const rows = await store
    .selectFrom('wallet_bindings')
    .selectAll()
    .where('peer_id', '=', peerId)
    .orderBy('sequence', 'desc')
    .execute();
  return rows.map(fromRow);
}

/**
 * Of each member the newest statement, where it was not taken back and has not ended at `now`; by peer id. What those
 * earned who were expelled since is still theirs: `withExpelled`.
 */
export async function listBindings(
  store: Store,
  now: number,
  { withExpelled = false } = {},
): Promise<StoredBinding[]> {
  const rows = await store
    .selectFrom('wallet_bindings')
    .innerJoin('members', 'members.peer_id', 'wallet_bindings.peer_id')
    .selectAll('wallet_bindings')
    .$if(!withExpelled, (query) => query.where('members.expelled_at', 'is', null))
    .orderBy('wallet_bindings.peer_id')
    .orderBy('wallet_bindings.sequence', 'desc')
    .execute();
  const seen = new Set<string>();
  const newest = rows.map(fromRow).filter(({ peerId }) => !seen.has(peerId) && seen.add(peerId));
  return newest.filter(
    ({ sequence, revokedUpTo, expiresAt }) => expiresAt > now && (revokedUpTo ?? -1) < sequence,
  );
}

const toRow = (binding: Omit<StoredBinding, 'revokedUpTo'>) => ({
  sequence: binding.sequence,
  expires_at: binding.expiresAt,
  statement_json: encodeJson(binding.statement),
  noted_at: binding.notedAt,
});

const fromRow = (row: Selectable<WalletBindingsTable>): StoredBinding => ({
  peerId: row.peer_id,
  address: row.address,
  sequence: row.sequence,
  expiresAt: row.expires_at,
  statement: decodeJson(signedSchema, row.statement_json),
  notedAt: row.noted_at,
  revokedUpTo: row.revoked_up_to,
});
