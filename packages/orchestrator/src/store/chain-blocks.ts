import type { Store } from './store.ts';

/** A block that was read. */
export interface StoredBlock {
  readonly number: number;
  readonly hash: string;
  readonly parentHash: string;
}

/** How far a chain's events were read and counted. */
export interface ChainCursor {
  readonly countedTo: number;
  /** Blocks up to this one are kept no more; -1 = all are. */
  readonly prunedTo: number;
}

/** The kept blocks, the newest first. */
export async function listBlocks(store: Store, scope: string): Promise<StoredBlock[]> {
  const rows = await store
    .selectFrom('chain_blocks')
    .selectAll()
    .where('scope', '=', scope)
    .orderBy('number', 'desc')
    .execute();
  return rows.map(({ number, hash, parent_hash }) => ({ number, hash, parentHash: parent_hash }));
}

/** The newest block that was read; undefined before the first. */
export async function newestBlock(store: Store, scope: string): Promise<StoredBlock | undefined> {
  const row = await store
    .selectFrom('chain_blocks')
    .selectAll()
    .where('scope', '=', scope)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : { number: row.number, hash: row.hash, parentHash: row.parent_hash };
}

export async function addBlocks(tx: Store, scope: string, blocks: readonly StoredBlock[]): Promise<void> {
  const rows = blocks.map(({ number, hash, parentHash }) => ({
    scope,
    number,
    hash,
    parent_hash: parentHash,
  }));
  if (rows.length > 0) await tx.insertInto('chain_blocks').values(rows).execute();
}

export async function dropBlocksAbove(tx: Store, scope: string, number: number): Promise<void> {
  await tx.deleteFrom('chain_blocks').where('scope', '=', scope).where('number', '>', number).execute();
}

export async function dropBlocksUpTo(tx: Store, scope: string, number: number): Promise<void> {
  await tx.deleteFrom('chain_blocks').where('scope', '=', scope).where('number', '<=', number).execute();
}

export async function readCursor(store: Store, scope: string): Promise<ChainCursor> {
  const row = await store
    .selectFrom('chain_cursors')
    .selectAll()
    .where('scope', '=', scope)
    .executeTakeFirst();
  return { countedTo: row?.counted_to ?? -1, prunedTo: row?.pruned_to ?? -1 };
}

export async function writeCursor(
  tx: Store,
  scope: string,
  { countedTo, prunedTo }: ChainCursor,
): Promise<void> {
  const row = { counted_to: countedTo, pruned_to: prunedTo };
  await tx
    .insertInto('chain_cursors')
    .values({ scope, ...row })
    .onConflict((conflict) => conflict.column('scope').doUpdateSet(row))
    .execute();
}
