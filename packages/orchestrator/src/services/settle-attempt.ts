import type { Clock } from '@rios/sdk/clock';
import { hasCode } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { Signed } from '@rios/sdk/schema/trust';
import type { RequestBill } from '../billing/charge-request.ts';
import type { BillingEnd, OpenBill } from '../billing/open-bill.ts';
import type { RequestBilling } from '../billing/request-billing.ts';
import type { FaultPoint } from '../fault-point.ts';
import { addEvent } from '../store/events.ts';
import { insertReceipt } from '../store/receipts.ts';
import type { Store } from '../store/store.ts';
import type { CollectedReceipts, ReceiptCollector } from './receipt-collector.ts';

export interface BooksModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly billing: RequestBilling;
  readonly point: FaultPoint;
}

/** An attempt for which money is reserved. */
export interface Begun {
  readonly bill: OpenBill;
  readonly collector: ReceiptCollector;
}

/** How an attempt ends. */
export interface AttemptEnd extends Omit<BillingEnd, 'receipts'> {
  /** Of the last frame; none when there was none. */
  readonly final: readonly Signed[];
  /** The rest of the transaction: how the request ends. */
  readonly finish: (tx: Store) => Promise<unknown>;
}

/** Events that one request can make of refused receipts. */
const MAX_EVENTS = 20;

/**
 * Pays what holds of the receipts, gives the rest back, writes the bill, keeps the receipts that were paid, and ends
 * the request: in one transaction. False when another has ended it: nothing has changed then.
 */
export async function settleAttempt(
  modules: BooksModules,
  { bill, collector }: Begun,
  { final, finish, ...end }: AttemptEnd,
): Promise<boolean> {
  const collected = collector.close(final);
  const receipts = collected.verified.map(({ receipt }) => receipt);
  await modules.point('billing.capturing');
  const charged = await modules.store
    .transaction()
    .execute(async (tx) => {
      const made = await modules.billing.end(tx, bill, { ...end, receipts });
      await keepReceipts(modules, tx, bill.requestId, collected, made);
      await finish(tx);
      return made;
    })
    .catch((error: unknown) => {
      if (hasCode(error, 'BILLING_HOLD_ENDED')) return undefined;
      throw error;
    });
  if (charged === undefined) return false;
  await modules.point(charged.charges.length > 0 ? 'billing.captured' : 'billing.released');
  warnOfRefused(modules.log, bill.requestId, collected, charged);
  return true;
}

/** Keeps what was paid as it was signed, and tells what was refused. */
async function keepReceipts(
  { clock }: BooksModules,
  tx: Store,
  requestId: string,
  collected: CollectedReceipts,
  { paid, refused }: RequestBill,
): Promise<void> {
  const at = clock.now();
  const isPaid = new Set(paid);
  for (const { receipt, signed } of collected.verified) {
    if (!isPaid.has(receipt)) continue;
    const { worker: workerId, ticketNonce: nonce, units } = receipt;
    await insertReceipt(tx, { requestId, workerId, nonce, units, signed, receivedAt: at });
  }
  for (const message of refusals(collected, refused).slice(0, MAX_EVENTS)) {
    await addEvent(tx, { at, kind: 'receipt.refused', subject: requestId, message });
  }
}

/** Why receipts were refused that came and would be paid in a request that went well. */
const refusals = (collected: CollectedReceipts, refused: RequestBill['refused']): string[] => [
  ...collected.refused,
  ...refused
    .filter(({ reason }) => reason !== 'no_receipt' && reason !== 'request_failed')
    .map(({ worker, message }) => `${worker}: ${message}`),
];

function warnOfRefused(
  log: Log,
  requestId: string,
  collected: CollectedReceipts,
  { refused }: RequestBill,
): void {
  const told = refusals(collected, refused).slice(0, MAX_EVENTS);
  const missing = refused.filter(({ reason }) => reason === 'no_receipt').map(({ worker }) => worker);
  if (told.length + missing.length > 0)
    log.warn('receipts are not complete', { requestId, refused: told, missing: [...new Set(missing)] });
}
