import { formatRos } from '@rios/sdk/chain/amounts';
import type { Invoice } from '@rios/sdk/schema/billing';
import { formatFields, formatTable } from '../table.ts';

/** The columns of every form of an invoice. */
export const INVOICE_COLUMNS = [
  'request',
  'at',
  'model',
  'outcome',
  'line',
  'worker',
  'units',
  'price per million units',
  'amount',
  'receipt',
  'note',
] as const;

/** An invoice's lines as cells, in the order of INVOICE_COLUMNS; a bill without lines has one of its own. */
export function invoiceRows({ bills, lines }: Invoice): string[][] {
  const byRequest = Map.groupBy(lines, ({ requestId }) => requestId);
  return bills.flatMap((bill) => {
    const head = [bill.requestId, new Date(bill.at).toISOString(), bill.model, bill.outcome];
    const own = byRequest.get(bill.requestId) ?? [];
    if (own.length === 0) return [[...head, '-', '-', '0', '-', formatRos(0n), '-', bill.reason ?? '']];
    return own.map((line) => [
      ...head,
      String(line.line),
      line.worker,
      String(line.units),
      formatRos(BigInt(line.priceWei)),
      formatRos(BigInt(line.amountWei)),
      line.receiptNonce,
      line.reason === null ? epochNote(line.epoch) : `${line.reason}: ${line.message ?? ''}`,
    ]);
  });
}

const epochNote = (epoch: number | null): string => (epoch === null ? '' : `settled in epoch ${epoch}`);

/** Fields at the head and the foot of every form of an invoice. */
export const invoiceHead = (invoice: Invoice): [string, string][] => [
  ['invoice', invoice.number],
  ['network', invoice.networkId],
  ['account', `${invoice.account.name} (${invoice.account.id})`],
  ['from', new Date(invoice.from).toISOString()],
  ['to', `${new Date(invoice.to).toISOString()} (not included)`],
  ['issued', new Date(invoice.issuedAt).toISOString()],
];

export const invoiceSums = (invoice: Invoice): [string, string][] => [
  ['requests', String(invoice.bills.length)],
  ['to workers', formatRos(BigInt(invoice.workersWei))],
  ['to the platform', formatRos(BigInt(invoice.platformWei))],
  ['total', formatRos(BigInt(invoice.totalWei))],
];

/** An invoice for a terminal. */
export const formatInvoiceText = (invoice: Invoice): string =>
  [
    formatFields(invoiceHead(invoice)),
    formatTable(INVOICE_COLUMNS, invoiceRows(invoice)),
    formatFields(invoiceSums(invoice)),
  ].join('\n\n');
