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
