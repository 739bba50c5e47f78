import { PRICED_QUANTITY, type PriceTable, RESOURCES } from '@rios/sdk/billing/price-table';
import { formatRos } from '@rios/sdk/chain/amounts';
import type {
  Alert,
  BalanceView,
  BillPage,
  BudgetView,
  QuoteAnswer,
  UsageReport,
} from '@rios/sdk/schema/billing';
import type { ReceiptReport } from '@rios/sdk/schema/billing-results';
import { formatDuration, shortId } from '../format.ts';
import { formatFields, formatTable } from '../table.ts';

const ros = (wei: string): string => formatRos(BigInt(wei));
const timeOf = (at: number): string => new Date(at).toISOString();

export function formatUsage({ by, rows, total, balance }: UsageReport): string {
  const table = formatTable(
    [by, 'requests', 'units', 'paid'],
    [
      ...rows.map(({ key, requests, units, amountWei }) => [
        key,
        String(requests),
        String(units),
        ros(amountWei),
      ]),
      ['all', String(total.requests), String(total.units), ros(total.amountWei)],
    ],
  );
  return [table, formatMoney(balance)].join('\n\n');
}

function formatMoney({ balanceWei, heldWei, depositedWei, creditedWei, debtWei, standing }: BalanceView) {
  const { kind, leftMs } = standing;
  const left = leftMs === null ? '' : `, ${formatDuration(leftMs)} left`;
  return formatFields([
    ['balance', ros(balanceWei)],
    ['reserved', ros(heldWei)],
    ['deposited', ros(depositedWei)],
    ['credit given', ros(creditedWei)],
    ...(debtWei === '0' ? [] : [['owed', ros(debtWei)] as const]),
    ['standing', `${kind}${left}`],
  ]);
}

export const formatBills = ({ bills, next }: BillPage): string =>
  [
    formatTable(
      ['at', 'request', 'model', 'outcome', 'paid', 'reason'],
      bills.map((bill) => [
        timeOf(bill.at),
        bill.requestId,
        bill.model,
        bill.outcome,
        ros(bill.totalWei),
        bill.reason ?? '',
      ]),
    ),
    ...(next === null ? [] : [`older ones: rios billing history --before ${next}`]),
  ].join('\n');

export const formatBudgets = (budgets: readonly BudgetView[]): string =>
  formatTable(
    ['budget', 'for', 'limit', 'spent', 'reserved', 'starts anew'],
    budgets.flatMap(({ scope, requestLimitWei, day, month, reservedWei }) => [
      [scope, 'request', limitOf(requestLimitWei), '-', '-', '-'],
      [scope, 'day', limitOf(day.limitWei), ros(day.spentWei), ros(reservedWei), timeOf(day.endsAt)],
      [scope, 'month', limitOf(month.limitWei), ros(month.spentWei), ros(reservedWei), timeOf(month.endsAt)],
    ]),
  );

const limitOf = (wei: string | null): string => (wei === null ? 'none' : ros(wei));

export const formatAlerts = (alerts: readonly Alert[]): string =>
  formatTable(
    ['at', 'about', 'message'],
    alerts.map(({ at, kind, message }) => [timeOf(at), kind.replace('billing.', ''), message]),
  );

export function formatPrices(table: PriceTable): string {
  const head = formatFields([
    ['version', String(table.version)],
    ['in force since', timeOf(table.effectiveAt)],
    ['platform', `${table.platformBps / 100} %`],
    ['trial credit', ros(table.trialWei)],
  ]);
  const rows = RESOURCES.map((resource) => [
    resource,
    String(PRICED_QUANTITY[resource]),
    ros(table.prices[resource].usualWei),
    ros(table.prices[resource].mostWei),
  ]);
  return [head, formatTable(['what', 'for', 'usual price', 'highest price'], rows)].join('\n\n');
}

export function formatQuote({ quote }: QuoteAnswer): string {
  const head = formatFields([
    ['quote', quote.quoteId],
    ['model', quote.model],
    ['at most', ros(quote.mostWei)],
    ['holds until', timeOf(quote.expiresAt)],
  ]);
  const rows = quote.lines.map(({ worker, maxUnits, priceWei }) => [
    shortId(worker),
    String(maxUnits),
    ros(priceWei),
  ]);
  return [head, formatTable(['worker', 'units at most', 'price per million units'], rows)].join('\n\n');
}

/** The lines of a request's bill beside what its workers signed. */
export function formatReceipts({ requestId, bill, lines, checks, receipts, ok }: ReceiptReport): string {
  const head = formatFields([
    ['request', requestId],
    ['bill', bill === null ? 'none' : `${ros(bill.totalWei)}, ${bill.outcome}`],
    ['receipts', String(receipts.length)],
  ]);
  const rows = lines.map((line, index) => [
    String(line.line),
    shortId(line.worker),
    String(line.units),
    ros(line.priceWei),
    ros(line.amountWei),
    line.receiptNonce,
    checks[index]?.fault ?? (line.reason === null ? 'as signed' : `refused: ${line.message ?? line.reason}`),
  ]);
  const table = formatTable(
    ['line', 'worker', 'units', 'price per million units', 'amount', 'receipt', 'check'],
    rows,
  );
  const verdict = ok ? 'right: the bill follows from what its workers signed' : 'wrong: see the checks';
  return [head, table, verdict].join('\n\n');
}
