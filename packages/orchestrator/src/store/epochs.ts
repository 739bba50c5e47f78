import type { Insertable, Selectable, Updateable } from 'kysely';
import type { EpochsTable } from './epoch-tables.ts';
import type { Store } from './store.ts';

/** An epoch as it stands. */
export type StoredEpoch = Selectable<EpochsTable>;

/** A rewards contract. */
export interface EpochPlace {
  readonly chainId: number;
  /** Lower case. */
  readonly rewards: string;
}

/** One epoch of a contract. */
export interface EpochId extends EpochPlace {
  readonly epoch: number;
}

export const idOf = (row: Pick<StoredEpoch, 'chain_id' | 'rewards' | 'epoch'>): EpochId => ({
  chainId: row.chain_id,
  rewards: row.rewards,
  epoch: row.epoch,
});

const atPlace = (store: Store, { chainId, rewards }: EpochPlace) =>
  store.selectFrom('epochs').selectAll().where('chain_id', '=', chainId).where('rewards', '=', rewards);

export async function findEpoch(store: Store, id: EpochId): Promise<StoredEpoch | undefined> {
  return atPlace(store, id).where('epoch', '=', id.epoch).executeTakeFirst();
}

/** Undefined before the first. */
export async function newestEpoch(store: Store, place: EpochPlace): Promise<StoredEpoch | undefined> {
  return atPlace(store, place).orderBy('epoch', 'desc').limit(1).executeTakeFirst();
}

/** The newest first. */
export async function listEpochs(
  store: Store,
  place: EpochPlace,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number },
): Promise<StoredEpoch[]> {
  const all =
    before === undefined ? atPlace(store, place) : atPlace(store, place).where('epoch', '<', before);
  return all.orderBy('epoch', 'desc').limit(limit).execute();
}

/** Writes a new epoch, in the place of the vetoed one of its number when there is one. */
export async function putEpoch(tx: Store, epoch: Insertable<EpochsTable>): Promise<void> {
  await tx
    .deleteFrom('epochs')
    .where('chain_id', '=', epoch.chain_id)
    .where('rewards', '=', epoch.rewards)
    .where('epoch', '=', epoch.epoch)
    .where('state', '=', 'vetoed')
    .execute();
  await tx.insertInto('epochs').values(epoch).execute();
}

/** Changes an epoch that is still as `epoch` says; false when somebody else was faster. */
export async function changeEpoch(
  tx: Store,
  { chain_id, rewards, epoch, state, attempt }: StoredEpoch,
  change: Updateable<EpochsTable>,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('epochs')
    .set(change)
    .where('chain_id', '=', chain_id)
    .where('rewards', '=', rewards)
    .where('epoch', '=', epoch)
    .where('state', '=', state)
    .where('attempt', '=', attempt)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
