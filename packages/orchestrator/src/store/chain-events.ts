import type { Selectable } from 'kysely';
import type { ChainEventState, ChainEventsTable } from './settlement-tables.ts';
import type { Store } from './store.ts';

export type EscrowEventKind = 'deposited' | 'withdrawn';

/** Money that went into the escrow or out of it, as the chain told it; wei of ROS. */
export interface EscrowEvent {
  readonly kind: EscrowEventKind;
  readonly payer: string;
  readonly amountWei: bigint;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly logIndex: number;
}

/** One that is stored. */
export interface StoredEscrowEvent extends EscrowEvent {
  /**
   * Of this event in this block, the so-manieth time that the block came to the chain: for keys of transfers. One that
   * was reversed and comes back has another.
   */
  readonly key: string;
}

/** Notes events of blocks that are new, or new again: then they count anew. */
export async function addSeenEvents(tx: Store, scope: string, events: readonly EscrowEvent[]): Promise<void> {
  for (const { kind, payer, amountWei, blockNumber, blockHash, transactionHash, logIndex } of events) {
    const place = { block_hash: blockHash, transaction_hash: transactionHash, log_index: logIndex };
    const facts = { block_number: blockNumber, kind, payer, amount_wei: String(amountWei) };
    await tx
      .insertInto('chain_events')
      .values({ scope, ...place, ...facts, round: 1, state: 'seen' })
      .onConflict((conflict) =>
        conflict
          .columns(['scope', 'block_hash', 'transaction_hash', 'log_index'])
          .doUpdateSet(({ eb }) => ({ state: 'seen', round: eb('chain_events.round', '+', 1) }))
          .where('chain_events.state', 'in', ['reversed', 'dropped']),
      )
      .execute();
  }
}

/** Those in a state, in the chain's order. */
export async function listEscrowEvents(
  store: Store,
  scope: string,
  { state, from = 0, to, limit }: EventRange,
): Promise<StoredEscrowEvent[]> {
  const rows = await store
    .selectFrom('chain_events')
    .selectAll()
    .where('scope', '=', scope)
    .where('state', '=', state)
    .where('block_number', '>=', from)
    .where('block_number', '<=', to)
    .orderBy('block_number')
    .orderBy('log_index')
    .limit(limit)
    .execute();
  return rows.map(fromRow);
}

export interface EventRange {
  readonly state: ChainEventState;
  /** Blocks, both included. */
  readonly from?: number;
  readonly to: number;
  readonly limit: number;
}

/** False when it is not in state `from` any more. */
export async function moveEvent(
  tx: Store,
  scope: string,
  event: EscrowEvent,
  { from, to }: { readonly from: ChainEventState; readonly to: ChainEventState },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('chain_events')
    .set({ state: to })
    .where('scope', '=', scope)
    .where('block_hash', '=', event.blockHash)
    .where('transaction_hash', '=', event.transactionHash)
    .where('log_index', '=', event.logIndex)
    .where('state', '=', from)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** What each payer put in less what he took out, as far as it is counted; wei of ROS by address. */
export async function sumEscrow(store: Store, scope: string): Promise<Map<string, bigint>> {
  const rows = await store
    .selectFrom('chain_events')
    .select(['payer', 'kind', 'amount_wei'])
    .where('scope', '=', scope)
    .where('state', '=', 'counted')
    .orderBy('payer')
    .execute();
  const sums = new Map<string, bigint>();
  for (const { payer, kind, amount_wei } of rows) {
    const amount = kind === 'deposited' ? BigInt(amount_wei) : -BigInt(amount_wei);
    sums.set(payer, (sums.get(payer) ?? 0n) + amount);
  }
  return sums;
}

const fromRow = (row: Selectable<ChainEventsTable>): StoredEscrowEvent => ({
  kind: row.kind === 'withdrawn' ? 'withdrawn' : 'deposited',
  payer: row.payer,
  amountWei: BigInt(row.amount_wei),
  blockNumber: row.block_number,
  blockHash: row.block_hash,
  transactionHash: row.transaction_hash,
  logIndex: row.log_index,
  key: `${row.kind}:${row.scope}:${row.block_hash}:${row.transaction_hash}:${row.log_index}:${row.round}`,
});
