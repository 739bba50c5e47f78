import { splitCharge } from '@rios/sdk/billing/price-usage';
import type { BillLineRow, BillRow } from '../../store/bills.ts';
import { insertBill } from '../../store/bills.ts';
import { type ContainerUsage, changeUsage, findUsage } from '../../store/container-usage.ts';
import { takeTurn } from '../../store/ledger.ts';
import type { Store } from '../../store/store.ts';
import { captureBudgets } from '../account-budgets.ts';
import { billedTo, type ContainerCharge, chargesOf, sumOf } from './container-charges.ts';
import { ledgerAt } from './open-hold.ts';

/**
 * In a transaction, first in it: pays what a container ran since its last bill from its open hold, gives the rest back
 * and writes the bill. False when another settled that hold meanwhile.
 */
export async function settleHold(
  tx: Store,
  ticketNonce: string,
  holdId: string,
  now: number,
): Promise<boolean> {
  await takeTurn(tx);
  const usage = await findUsage(tx, ticketNonce);
  if (usage === undefined || usage.openHold !== holdId) return false;
  const toMs = billedTo(usage);
  const charges = chargesOf(usage.terms, usage.billedMs, toMs).filter(({ quantity }) => quantity > 0);
  const spentWei = sumOf(charges);
  const { ledger, version, feeBps } = await ledgerAt(tx, now);
  const paid = charges.filter(({ amountWei }) => amountWei > 0n);
  const { id: transferId } =
    paid.length === 0
      ? await ledger.release(tx, holdId)
      : await ledger.capture(tx, {
          requestId: holdId,
          charges: paid.map((charge) => entryOf(usage, charge)),
        });
  const { accountId, deploymentId, heldWei: reservedWei } = usage;
  await captureBudgets(tx, { accountId, deploymentId, reservedWei, spentWei, now });
  if (charges.length > 0) {
    const bill = { ...billOf(usage, spentWei), table_version: version, at: now };
    await insertBill(
      tx,
      bill,
      charges.map((charge, index) => lineOf(bill, usage, charge, { index, feeBps, transferId })),
    );
  }
  const closed = { billedMs: toMs, openHold: null, heldWei: 0n, holdAt: null };
  await changeUsage(tx, ticketNonce, closed, now);
  return true;
}

const entryOf = (
  { worker, ticketNonce }: ContainerUsage,
  { quantity, priceWei, amountWei }: ContainerCharge,
) => ({
  worker,
  units: quantity,
  priceWei,
  amountWei,
  receiptNonce: ticketNonce,
});

const billOf = (usage: ContainerUsage, totalWei: bigint): Omit<BillRow, 'table_version' | 'at'> => ({
  request_id: usage.openHold ?? '',
  account_id: usage.accountId,
  model: `app:${usage.app}`,
  outcome: 'served',
  total_wei: String(totalWei),
  reserved_wei: String(usage.heldWei),
  quote_id: null,
  reason: null,
});

function lineOf(
  { request_id, account_id, at }: BillRow,
  { worker, ticketNonce }: ContainerUsage,
  { kind, quantity, priceWei, amountWei }: ContainerCharge,
  {
    index,
    feeBps,
    transferId,
  }: { readonly index: number; readonly feeBps: number; readonly transferId: number },
): BillLineRow {
  const { workerWei, platformWei } = splitCharge(amountWei, feeBps);
  return {
    request_id,
    line: index + 1,
    kind,
    account_id,
    worker,
    receipt_nonce: ticketNonce,
    units: quantity,
    price_wei: String(priceWei),
    amount_wei: String(amountWei),
    worker_wei: String(workerWei),
    platform_wei: String(platformWei),
    fee_bps: feeBps,
    reason: null,
    message: null,
    transfer_id: transferId,
    epoch: null,
    at,
  };
}
