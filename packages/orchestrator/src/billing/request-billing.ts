import type { PriceTable } from '@rios/sdk/billing/price-table';
import { splitCharge } from '@rios/sdk/billing/price-usage';
import { verifyQuote } from '@rios/sdk/billing/quote';
import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { insertBill } from '../store/bills.ts';
import { takeTurn } from '../store/ledger.ts';
import { currentPriceTable, priceTableOfVersion } from '../store/price-tables.ts';
import type { Store } from '../store/store.ts';
import { freeQuotes } from '../store/used-quotes.ts';
import { captureBudgets, reserveBudgets } from './account-budgets.ts';
import { checkStanding } from './account-standing.ts';
import { holdIdOf } from './attempts.ts';
import { billRows } from './bill-rows.ts';
import { chargeRequest, type RequestBill } from './charge-request.ts';
import { freeHolds } from './free-holds.ts';
import { createLedger } from './ledger.ts';
import type { Ledger } from './ledger-types.ts';
import type { BillingEnd, BillingStart, OpenBill } from './open-bill.ts';
import { reserveAmount } from './reserve-amount.ts';
import { useQuote } from './use-quote.ts';
import { checkVoucherLimit } from './voucher-limit.ts';

/** Takes and pays the money of requests: each is billed exactly once, or not at all. */
export interface RequestBilling {
  /**
   * In a transaction, first in it: reserves the most that these tickets can cost.
   * @throws RiosError QUOTA_BALANCE, QUOTA_BUDGET, BILLING_PAUSED, BILLING_VOUCHER_DUE, BILLING_PRICE,
   * BILLING_QUOTE_EXPIRED, BILLING_QUOTE_INVALID, BILLING_QUOTE_MISSED
   */
  begin(tx: Store, start: BillingStart): Promise<OpenBill>;
  /**
   * In a transaction, first in it: pays the receipts that hold, gives the rest back and writes the bill.
   * @throws RiosError BILLING_HOLD_ENDED when another ended the request
   */
  end(tx: Store, bill: OpenBill, end: BillingEnd): Promise<RequestBill>;
}

export interface RequestBillingModules {
  readonly networkId: string;
  readonly networkPublicKey: Uint8Array;
  readonly clock: Pick<Clock, 'now'>;
  /** A clock that is never set, ms. */
  readonly monotonicMs: () => number;
}

export function createRequestBilling(modules: RequestBillingModules): RequestBilling {
  return {
    begin: (tx, start) => beginBill(modules, tx, start),
    end: (tx, bill, end) => endBill(modules, tx, bill, end),
  };
}

async function beginBill(
  { networkPublicKey, clock, monotonicMs }: RequestBillingModules,
  tx: Store,
  start: BillingStart,
): Promise<OpenBill> {
  await takeTurn(tx);
  const now = clock.now();
  const { accountId, requestId, attempt, tickets } = start;
  if (attempt > 1) await freeHolds(tx, requestId, now);
  const quote = start.quote && verifyQuote(start.quote, { ...start, networkPublicKey, now });
  if (quote !== undefined) await useQuote(tx, quote, requestId, now);
  const table = await (quote === undefined
    ? currentPriceTable(tx, now)
    : priceTableOfVersion(tx, quote.tableVersion));
  const reservedWei = reserveAmount(tickets, table, quote);
  const ledger = ledgerUnder(table, clock);
  const balanceWei = await ledger.balanceOf(tx, `user:${accountId}`);
  const heldWei = await ledger.balanceOf(tx, `held:${accountId}`);
  await checkStanding(tx, { accountId, balanceWei: balanceWei + heldWei, now });
  await checkVoucherLimit(tx, { accountId, balanceWei, heldWei });
  await ledger.reserve(tx, { requestId: holdIdOf(requestId, attempt), accountId, amountWei: reservedWei });
  await reserveBudgets(tx, { accountId, amountWei: reservedWei, now });
  return { ...start, quote, table, reservedWei, startedAt: now, startedMonotonicMs: monotonicMs() };
}

async function endBill(
  modules: RequestBillingModules,
  tx: Store,
  open: OpenBill,
  end: BillingEnd,
): Promise<RequestBill> {
  await takeTurn(tx);
  const now = modules.clock.now();
  const charged = chargeOpen(modules, open, end, now);
  const { accountId, requestId, reservedWei } = open;
  const holdId = holdIdOf(requestId, open.attempt);
  const ledger = ledgerUnder(open.table, modules.clock);
  const { charges, totalWei: spentWei } = charged;
  const { id: transferId, isNew } =
    charges.length > 0
      ? await ledger.capture(tx, { requestId: holdId, charges })
      : await ledger.release(tx, holdId);
  if (!isNew) throw new RiosError('BILLING_HOLD_ENDED', `the reservation of ${requestId} has ended already`);
  await captureBudgets(tx, { accountId, reservedWei, spentWei, now });
  const { bill, lines } = billRows(open, end, charged, { transferId, at: now });
  await insertBill(tx, bill, lines);
  if (end.outcome === 'failed') await freeQuotes(tx, requestId);
  return charged;
}

function chargeOpen(
  { networkId, monotonicMs }: RequestBillingModules,
  open: OpenBill,
  { outcome, receipts, isWrong = false }: BillingEnd,
  receivedAt: number,
): RequestBill {
  const { requestId, modelHash, tickets, startedAt, quote } = open;
  return chargeRequest(receipts, {
    networkId,
    requestId,
    modelHash,
    tickets,
    times: { startedAt, receivedAt, elapsedMs: monotonicMs() - open.startedMonotonicMs },
    outcome: outcome === 'failed' ? 'failed' : 'served',
    ...(isWrong ? { wrong: new Set(tickets.map(({ nonce }) => nonce)) } : {}),
    ...(quote === undefined ? {} : { quote }),
  });
}

/** The ledger as a price table has charges divided. */
const ledgerUnder = ({ platformBps }: PriceTable, clock: Pick<Clock, 'now'>): Ledger =>
  createLedger({ clock, splitCharge: (amountWei) => splitCharge(amountWei, platformBps) });
