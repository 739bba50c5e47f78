import type { Selectable } from 'kysely';
import type { WorkerStakesTable } from './database.ts';
import type { Store } from './store.ts';

/** What was read of a worker's stake, and when. Amounts in wei of ROS. */
export interface StoredStake {
  readonly peerId: string;
  /** Which registry of which chain: `<chain id>:<address>`. */
  readonly registry: string;
  /** The operator's wallet that it was read for. */
  readonly address: string;
  readonly stakeWei: bigint;
  /** On its way out, and still to be slashed. */
  readonly unbondingWei: bigint;
  /** Where its earnings go by the registry; null = it is not registered there, or was not asked yet. */
  readonly payout: string | null;
  /** The block as of which it is so. */
  readonly block: number;
  readonly readAt: number;
}

/** So long a later block that was read counts more than an earlier one; a chain that stays behind is believed then. */
export const BELIEVE_MS = 600_000;

/** What was known before, of any registry and wallet, and whether the new reading took its place. */
export interface NotedStake {
  readonly before: StoredStake | undefined;
  readonly isNoted: boolean;
}

/**
 * Keeps what was read, unless a later block of the same registry was read for the same wallet lately. Call in a
 * transaction.
 */
export async function noteStake(tx: Store, stake: StoredStake): Promise<NotedStake> {
  const found = await tx
    .selectFrom('worker_stakes')
    .selectAll()
    .where('peer_id', '=', stake.peerId)
    .executeTakeFirst();
  const before = found === undefined ? undefined : fromRow(found);
  if (before !== undefined && isLater(before, stake)) return { before, isNoted: false };
  const row = toRow(stake);
  await tx
    .insertInto('worker_stakes')
    .values({ peer_id: stake.peerId, ...row })
    .onConflict((conflict) => conflict.column('peer_id').doUpdateSet(row))
    .execute();
  return { before, isNoted: true };
}

const isLater = (known: StoredStake, stake: StoredStake): boolean =>
  known.registry === stake.registry &&
  known.address === stake.address &&
  known.block > stake.block &&
  stake.readAt - known.readAt < BELIEVE_MS;

/** What was last read at one registry, by peer id. */
export async function listStakes(store: Store, registry: string): Promise<StoredStake[]> {
  const rows = await store
    .selectFrom('worker_stakes')
    .selectAll()
    .where('registry', '=', registry)
    .orderBy('peer_id')
    .execute();
  return rows.map(fromRow);
}

const toRow = (stake: StoredStake) => ({
  registry: stake.registry,
  address: stake.address,
  stake_wei: String(stake.stakeWei),
  unbonding_wei: String(stake.unbondingWei),
  payout: stake.payout,
  block: stake.block,
  read_at: stake.readAt,
});

const fromRow = (row: Selectable<WorkerStakesTable>): StoredStake => ({
  peerId: row.peer_id,
  registry: row.registry,
  address: row.address,
  stakeWei: BigInt(row.stake_wei),
  unbondingWei: BigInt(row.unbonding_wei),
  payout: row.payout,
  block: row.block,
  readAt: row.read_at,
});
