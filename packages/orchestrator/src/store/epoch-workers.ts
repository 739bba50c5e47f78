import type { EpochId } from './epochs.ts';
import type { Store } from './store.ts';

/** Where a worker is paid. */
export interface EpochWorker {
  /** Peer id. */
  readonly worker: string;
  readonly account: string;
}

/** Rows of one statement: five values each, and SQLite takes 32,766. */
const BATCH = 5_000;

/** Fixes where the workers of an epoch are paid. */
export async function putEpochWorkers(
  tx: Store,
  { chainId, rewards, epoch }: EpochId,
  workers: readonly EpochWorker[],
): Promise<void> {
  for (let index = 0; index < workers.length; index += BATCH) {
    const rows = workers.slice(index, index + BATCH).map(({ worker, account }) => ({
      chain_id: chainId,
      rewards,
      epoch,
      worker,
      account: account.toLowerCase(),
    }));
    await tx.insertInto('epoch_workers').values(rows).execute();
  }
}

/** Account by peer id. */
export async function readEpochWorkers(
  store: Store,
  { chainId, rewards, epoch }: EpochId,
): Promise<Map<string, string>> {
  const rows = await store
    .selectFrom('epoch_workers')
    .select(['worker', 'account'])
    .where('chain_id', '=', chainId)
    .where('rewards', '=', rewards)
    .where('epoch', '=', epoch)
    .execute();
  return new Map(rows.map(({ worker, account }) => [worker, account]));
}

export async function dropEpochWorkers(tx: Store, { chainId, rewards, epoch }: EpochId): Promise<void> {
  await tx
    .deleteFrom('epoch_workers')
    .where('chain_id', '=', chainId)
    .where('rewards', '=', rewards)
    .where('epoch', '=', epoch)
    .execute();
}
