import type { Bill, BillLine } from '@rios/sdk/schema/billing';
import type { Selectable } from 'kysely';
import type { BillLinesTable, BillsTable } from './billing-tables.ts';
import type { Store } from './store.ts';

/** A bill's place in the order of bills: by time, then by request. */
export interface BillPlace {
  readonly at: number;
  readonly requestId: string;
}

/** Bills of one account in [from, to). */
export interface BillSpan {
  readonly accountId: string;
  readonly from: number;
  readonly to: number;
}

/** The bill of a request if it is of this account. */
export async function readBill(
  store: Store,
  requestId: string,
  accountId: string,
): Promise<Bill | undefined> {
  const row = await store
    .selectFrom('bills')
    .selectAll()
    .where('request_id', '=', requestId)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row && billOf(row);
}

/** Newest first, older than `before`. */
export async function listBillsBefore(
  store: Store,
  accountId: string,
  { before, limit }: { before: BillPlace | undefined; limit: number },
): Promise<Bill[]> {
  let query = store.selectFrom('bills').selectAll().where('account_id', '=', accountId);
  if (before !== undefined) {
    const { at, requestId } = before;
    query = query
      .where('at', '<=', at)
      .where(({ or, eb }) => or([eb('at', '<', at), eb('request_id', '<', requestId)]));
  }
  const rows = await query.orderBy('at', 'desc').orderBy('request_id', 'desc').limit(limit).execute();
  return rows.map(billOf);
}

/** Oldest first, after `after`. */
export async function listBillsIn(
  store: Store,
  { accountId, from, to }: BillSpan,
  { after, limit }: { after: BillPlace | undefined; limit: number },
): Promise<Bill[]> {
  let query = store
    .selectFrom('bills')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('at', '>=', Math.max(from, after?.at ?? 0))
    .where('at', '<', to);
  if (after !== undefined) {
    const { at, requestId } = after;
    query = query.where(({ or, eb }) => or([eb('at', '>', at), eb('request_id', '>', requestId)]));
  }
  const rows = await query.orderBy('at').orderBy('request_id').limit(limit).execute();
  return rows.map(billOf);
}

/** The lines of these bills, by request and line. */
export async function listLinesOf(store: Store, bills: readonly Bill[]): Promise<BillLine[]> {
  if (bills.length === 0) return [];
  const rows = await store
    .selectFrom('bill_lines')
    .selectAll()
    .where(
      'request_id',
      'in',
      bills.map(({ requestId }) => requestId),
    )
    .orderBy('at')
    .orderBy('request_id')
    .orderBy('line')
    .execute();
  return rows.map(billLineOf);
}

export const placeOf = ({ at, requestId }: Bill): string => `${at}:${requestId}`;

/** Reads a place back; its form was checked by the route. */
export function parsePlace(text: string | undefined): BillPlace | undefined {
  if (text === undefined) return undefined;
  const colon = text.indexOf(':');
  return { at: Number(text.slice(0, colon)), requestId: text.slice(colon + 1) };
}

const billOf = (row: Selectable<BillsTable>): Bill => ({
  requestId: row.request_id,
  model: row.model,
  outcome: row.outcome,
  totalWei: row.total_wei,
  reservedWei: row.reserved_wei,
  tableVersion: row.table_version,
  quoteId: row.quote_id,
  reason: row.reason,
  at: row.at,
});

/** A line as its account sees it. */
export const billLineOf = (row: Selectable<BillLinesTable>): BillLine => ({
  requestId: row.request_id,
  line: row.line,
  kind: row.kind,
  worker: row.worker,
  receiptNonce: row.receipt_nonce,
  units: row.units,
  priceWei: row.price_wei,
  amountWei: row.amount_wei,
  workerWei: row.worker_wei,
  platformWei: row.platform_wei,
  feeBps: row.fee_bps,
  reason: row.reason,
  message: row.message,
  transferId: row.transfer_id,
  epoch: row.epoch,
  at: row.at,
});
