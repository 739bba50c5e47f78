import { splitCharge } from '@rios/sdk/billing/price-usage';
import type { BillLineRow, BillRow } from '../store/bills.ts';
import type { RequestBill } from './charge-request.ts';
import type { BillingEnd, OpenBill } from './open-bill.ts';

/** A bill and its lines as they are kept, charges first. Pure. `transferId`: of what paid it in the ledger. */
export function billRows(
  open: OpenBill,
  { outcome, reason }: Pick<BillingEnd, 'outcome' | 'reason'>,
  { charges, refused, totalWei }: RequestBill,
  { transferId, at }: { transferId: number; at: number },
): { readonly bill: BillRow; readonly lines: BillLineRow[] } {
  const { requestId, accountId, model, table, quote, reservedWei } = open;
  const bill: BillRow = {
    request_id: requestId,
    account_id: accountId,
    model,
    outcome,
    total_wei: String(totalWei),
    reserved_wei: String(reservedWei),
    table_version: table.version,
    quote_id: quote?.quoteId ?? null,
    reason,
    at,
  };
  const shared = {
    request_id: requestId,
    account_id: accountId,
    fee_bps: table.platformBps,
    epoch: null,
    at,
  };
  const paid = charges.map(({ worker, receiptNonce, units, priceWei, amountWei }) => {
    const { workerWei, platformWei } = splitCharge(amountWei, table.platformBps);
    return {
      ...shared,
      kind: 'charge' as const,
      worker,
      receipt_nonce: receiptNonce,
      units,
      price_wei: String(priceWei),
      amount_wei: String(amountWei),
      worker_wei: String(workerWei),
      platform_wei: String(platformWei),
      reason: null,
      message: null,
      transfer_id: transferId,
    };
  });
  const unpaid = refused.map(({ worker, receiptNonce, units, reason, message }) => ({
    ...shared,
    ...NOTHING_PAID,
    worker,
    receipt_nonce: receiptNonce,
    units,
    reason,
    message,
  }));
  return { bill, lines: [...paid, ...unpaid].map((line, index) => ({ ...line, line: index + 1 })) };
}

const NOTHING_PAID = {
  kind: 'refused',
  price_wei: '0',
  amount_wei: '0',
  worker_wei: '0',
  platform_wei: '0',
  transfer_id: null,
} as const;
