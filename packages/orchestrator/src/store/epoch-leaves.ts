import type { Earned } from '@rios/sdk/settlement/rewards-tree';
import { sumByWorker } from './epoch-lines.ts';
import { readEpochWorkers } from './epoch-workers.ts';
import type { EpochId } from './epochs.ts';
import type { Store } from './store.ts';

/** Rows of one statement: five values each, and SQLite takes 32,766. */
const BATCH = 5_000;

/** Keeps what every account ever earned as of an epoch, and forgets that of epochs up to `forgetUpTo`. */
export async function putLeaves(
  tx: Store,
  { chainId, rewards, epoch }: EpochId,
  leaves: readonly Earned[],
  forgetUpTo: number,
): Promise<void> {
  for (let index = 0; index < leaves.length; index += BATCH) {
    const rows = leaves.slice(index, index + BATCH).map(({ account, cumulativeWei }) => ({
      chain_id: chainId,
      rewards,
      epoch,
      account: account.toLowerCase(),
      cumulative_wei: String(cumulativeWei),
    }));
    await tx.insertInto('epoch_leaves').values(rows).execute();
  }
  await tx
    .deleteFrom('epoch_leaves')
    .where('chain_id', '=', chainId)
    .where('rewards', '=', rewards)
    .where('epoch', '<=', forgetUpTo)
    .execute();
}

const ofEpoch = (store: Store, { chainId, rewards, epoch }: EpochId) =>
  store
    .selectFrom('epoch_leaves')
    .select(['account', 'cumulative_wei'])
    .where('chain_id', '=', chainId)
    .where('rewards', '=', rewards)
    .where('epoch', '=', epoch);

const PAGE = 20_000;

/** By account. Empty for epoch 0, and for one that is forgotten. */
export async function listLeaves(store: Store, id: EpochId): Promise<Earned[]> {
  const leaves: Earned[] = [];
  for (let after = ''; ; ) {
    const page = await ofEpoch(store, id)
      .where('account', '>', after)
      .orderBy('account')
      .limit(PAGE)
      .execute();
    for (const { account, cumulative_wei } of page)
      leaves.push({ account, cumulativeWei: BigInt(cumulative_wei) });
    if (page.length < PAGE) return leaves;
    after = page.at(-1)?.account ?? after;
  }
}

/** The leaves of an epoch whose own are forgotten, added up from every charge that was settled till then; by account. */
export async function addUpLeaves(store: Store, { chainId, rewards, epoch }: EpochId): Promise<Earned[]> {
  const earned = new Map<string, bigint>();
  for (let one = 1; one <= epoch; one++) {
    const accounts = await readEpochWorkers(store, { chainId, rewards, epoch: one });
    for (const [worker, wei] of await sumByWorker(store, one)) {
      const account = accounts.get(worker);
      if (account !== undefined) earned.set(account, (earned.get(account) ?? 0n) + wei);
    }
  }
  return [...earned].map(([account, cumulativeWei]) => ({ account, cumulativeWei }));
}

/** Undefined when the account has no leaf. @param account lower case */
export async function findLeaf(store: Store, id: EpochId, account: string): Promise<Earned | undefined> {
  const row = await ofEpoch(store, id).where('account', '=', account).executeTakeFirst();
  return row && { account: row.account, cumulativeWei: BigInt(row.cumulative_wei) };
}

export async function dropLeaves(tx: Store, { chainId, rewards, epoch }: EpochId): Promise<void> {
  await tx
    .deleteFrom('epoch_leaves')
    .where('chain_id', '=', chainId)
    .where('rewards', '=', rewards)
    .where('epoch', '=', epoch)
    .execute();
}
