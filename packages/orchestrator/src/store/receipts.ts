import type { Signed } from '@rios/sdk/schema/trust';
import type { Store } from './store.ts';

/** Keeps a verified receipt as it was signed; the same one again changes nothing (false). */
export async function insertReceipt(
  store: Store,
  receipt: {
    requestId: string;
    workerId: string;
    nonce: string;
    units: number;
    signed: Signed;
    receivedAt: number;
  },
): Promise<boolean> {
  const done = await store
    .insertInto('receipts')
    .values({
      request_id: receipt.requestId,
      worker_id: receipt.workerId,
      nonce: receipt.nonce,
      units: receipt.units,
      payload: receipt.signed.payload,
      signature: receipt.signed.signature,
      received_at: receipt.receivedAt,
    })
    .onConflict((conflict) => conflict.columns(['request_id', 'worker_id', 'nonce']).doNothing())
    .executeTakeFirst();
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** The signed receipts of one request, in the order of workers. */
export async function listReceipts(store: Store, requestId: string): Promise<Signed[]> {
  return store
    .selectFrom('receipts')
    .select(['payload', 'signature'])
    .where('request_id', '=', requestId)
    .orderBy('worker_id')
    .orderBy('nonce')
    .execute();
}

/** A receipt as it is kept, with whose it is. */
export interface KeptReceipt {
  readonly workerId: string;
  readonly signed: Signed;
  readonly receivedAt: number;
}

/** Most receipts that one request can have: one for each ticket. */
const MAX_RECEIPTS = 4_096;

/** The receipts of one request with their workers, in the order of workers. */
export async function listKeptReceipts(store: Store, requestId: string): Promise<KeptReceipt[]> {
  const rows = await store
    .selectFrom('receipts')
    .select(['worker_id', 'payload', 'signature', 'received_at'])
    .where('request_id', '=', requestId)
    .orderBy('worker_id')
    .orderBy('nonce')
    .limit(MAX_RECEIPTS)
    .execute();
  return rows.map(({ worker_id, payload, signature, received_at }) => ({
    workerId: worker_id,
    signed: { payload, signature },
    receivedAt: received_at,
  }));
}
