import type { EpochPlace } from './epochs.ts';
import type { Store } from './store.ts';

/** Requests that ended, by how. */
export async function countBills(store: Store): Promise<{ served: number; partial: number; failed: number }> {
  const rows = await store
    .selectFrom('bills')
    .select(({ fn }) => ['outcome', fn.countAll<number>().as('count')])
    .groupBy('outcome')
    .execute();
  const counts = { served: 0, partial: 0, failed: 0 };
  for (const { outcome, count } of rows) counts[outcome] = Number(count);
  return counts;
}

/** What built epochs come to; wei of ROS. `payees` is that of the newest: who earned once is in each. */
export async function sumEpochs(store: Store, place: EpochPlace | undefined) {
  const sums = { epochs: 0, receipts: 0, payees: 0, paid: 0n, earned: 0n, platform: 0n };
  for (const row of place === undefined ? [] : await listBuilt(store, place)) {
    sums.epochs++;
    sums.receipts += row.receipts ?? 0;
    sums.payees = row.payees ?? 0;
    sums.paid += BigInt(row.paid_wei ?? 0);
    sums.earned += BigInt(row.earned_wei ?? 0);
    sums.platform += BigInt(row.platform_wei ?? 0);
  }
  const { paid, earned, platform, ...counts } = sums;
  return { ...counts, paidWei: String(paid), earnedWei: String(earned), platformWei: String(platform) };
}

const listBuilt = (store: Store, { chainId, rewards }: EpochPlace) =>
  store
    .selectFrom('epochs')
    .select(['receipts', 'payees', 'paid_wei', 'earned_wei', 'platform_wei'])
    .where('chain_id', '=', chainId)
    .where('rewards', '=', rewards)
    .where('state', '=', 'built')
    .orderBy('epoch')
    .execute();
