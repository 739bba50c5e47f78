import { containerBillId } from '@rios/sdk/billing/container-lines';
import { splitCharge } from '@rios/sdk/billing/price-usage';
import { type ContainerUsage, changeUsage } from '../../store/container-usage.ts';
import { takeTurn } from '../../store/ledger.ts';
import { currentPriceTable } from '../../store/price-tables.ts';
import type { Store } from '../../store/store.ts';
import { reserveBudgets } from '../account-budgets.ts';
import { checkStanding } from '../account-standing.ts';
import { giveTrial } from '../credit.ts';
import { createLedger } from '../ledger.ts';
import type { Ledger } from '../ledger-types.ts';
import { checkVoucherLimit } from '../voucher-limit.ts';
import { holdAmount } from './container-charges.ts';

/** In a transaction: the ledger as the price table in force has charges divided. */
export async function ledgerAt(
  tx: Store,
  now: number,
): Promise<{ ledger: Ledger; version: number; feeBps: number }> {
  const { platformBps: feeBps, version } = await currentPriceTable(tx, now);
  const split = (amountWei: bigint) => splitCharge(amountWei, feeBps);
  return { ledger: createLedger({ clock: { now: () => now }, splitCharge: split }), version, feeBps };
}

/**
 * In a transaction, first in it: sets the money for the next minutes of a container aside. What costs nothing needs
 * none.
 * @throws RiosError QUOTA_BALANCE, QUOTA_BUDGET, BILLING_PAUSED, BILLING_VOUCHER_DUE
 */
export async function openHold(tx: Store, usage: ContainerUsage, now: number): Promise<void> {
  const { accountId, deploymentId, ticketNonce, replicaId } = usage;
  const amountWei = holdAmount(usage.terms);
  if (amountWei === 0n) return;
  await takeTurn(tx);
  await giveTrial(tx, accountId, now);
  const { ledger } = await ledgerAt(tx, now);
  const balanceWei = await ledger.balanceOf(tx, `user:${accountId}`);
  const heldWei = await ledger.balanceOf(tx, `held:${accountId}`);
  await checkStanding(tx, { accountId, balanceWei: balanceWei + heldWei, now });
  await checkVoucherLimit(tx, { accountId, balanceWei, heldWei });
  const line = usage.line + 1;
  const holdId = containerBillId(replicaId, line);
  await ledger.reserve(tx, { requestId: holdId, accountId, amountWei });
  await reserveBudgets(tx, { accountId, deploymentId, amountWei, now });
  await changeUsage(tx, ticketNonce, { line, openHold: holdId, heldWei: amountWei, holdAt: now }, now);
}
