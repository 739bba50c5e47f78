import type { Selectable } from 'kysely';
import type { BillLinesTable, BillsTable } from './billing-tables.ts';
import type { Store } from './store.ts';

export type BillRow = Selectable<BillsTable>;
export type BillLineRow = Selectable<BillLinesTable>;

/** Rows of one statement: SQLite takes 32,766 values. */
const ROWS_AT_ONCE = 500;

/** In the transaction of the ledger's: writes the bill of a request, once. @throws RiosError CONFLICT_EXISTS */
export async function insertBill(tx: Store, bill: BillRow, lines: readonly BillLineRow[]): Promise<void> {
  await tx.insertInto('bills').values(bill).execute();
  for (let from = 0; from < lines.length; from += ROWS_AT_ONCE) {
    await tx
      .insertInto('bill_lines')
      .values(lines.slice(from, from + ROWS_AT_ONCE))
      .execute();
  }
}

export async function findBill(store: Store, requestId: string): Promise<BillRow | undefined> {
  return store.selectFrom('bills').selectAll().where('request_id', '=', requestId).executeTakeFirst();
}

/** In their order. */
export async function listBillLines(store: Store, requestId: string): Promise<BillLineRow[]> {
  return store
    .selectFrom('bill_lines')
    .selectAll()
    .where('request_id', '=', requestId)
    .orderBy('line')
    .execute();
}
