import type { Bill, BillLine, Invoice } from '@rios/sdk/schema/billing';

const COLUMNS = [
  'request',
  'at',
  'model',
  'outcome',
  'line',
  'kind',
  'worker',
  'units',
  'price_wei',
  'amount_wei',
  'worker_wei',
  'platform_wei',
  'reason',
  'message',
  'receipt_nonce',
  'transfer',
  'epoch',
] as const;

/** An invoice as CSV (RFC 4180): one row for each line, amounts in wei, so that nothing is rounded. */
export function formatInvoiceCsv({ bills, lines }: Invoice): string {
  const byRequest = Map.groupBy(lines, ({ requestId }) => requestId);
  const rows = bills.flatMap((bill) => {
    const own: readonly (BillLine | undefined)[] = byRequest.get(bill.requestId) ?? [undefined];
    return own.map((line) => rowOf(bill, line));
  });
  return [COLUMNS, ...rows].map((cells) => cells.map(cellOf).join(',')).join('\r\n');
}

const rowOf = (bill: Bill, line: BillLine | undefined): (string | number | null | undefined)[] => [
  bill.requestId,
  new Date(bill.at).toISOString(),
  bill.model,
  bill.outcome,
  line?.line,
  line?.kind,
  line?.worker,
  line?.units ?? 0,
  line?.priceWei,
  line?.amountWei ?? 0,
  line?.workerWei ?? 0,
  line?.platformWei ?? 0,
  line === undefined ? bill.reason : line.reason,
  line?.message,
  line?.receiptNonce,
  line?.transferId,
  line?.epoch,
];

/** Quoted where it must be; what a spreadsheet would take for a formula gets an apostrophe before it. */
function cellOf(value: string | number | null | undefined): string {
  const text = String(value ?? '');
  const plain = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
