import { insertBill } from '../store/bills.ts';
import { takeTurn } from '../store/ledger.ts';
import { currentPriceTable } from '../store/price-tables.ts';
import { type FailedRequest, failRequests, type RequestFailure, type Which } from '../store/requests.ts';
import type { Store } from '../store/store.ts';
import { freeQuotes } from '../store/used-quotes.ts';
import { freeHolds } from './free-holds.ts';

/**
 * In a transaction: running requests fail that nobody ends any more, and what was reserved for them goes back: they
 * cost nothing, and their bills say so. Gives how many there were.
 */
export async function endDead(tx: Store, which: Which, end: RequestFailure): Promise<number> {
  await takeTurn(tx);
  const failed = await failRequests(tx, which, end);
  for (const request of failed) await releaseFailed(tx, request, end);
  return failed.length;
}

async function releaseFailed(
  tx: Store,
  { id, accountId, model }: FailedRequest,
  { code, finishedAt }: RequestFailure,
): Promise<void> {
  const hold = (await freeHolds(tx, id, finishedAt)).at(-1);
  if (hold === undefined) return;
  const { version } = await currentPriceTable(tx, finishedAt);
  const bill = {
    request_id: id,
    account_id: accountId,
    model,
    outcome: 'failed' as const,
    total_wei: '0',
    reserved_wei: String(hold.heldWei),
    table_version: version,
    quote_id: null,
    reason: code,
    at: finishedAt,
  };
  await insertBill(tx, bill, []);
  await freeQuotes(tx, id);
}
