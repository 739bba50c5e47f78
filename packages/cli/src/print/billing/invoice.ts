import type { Invoice } from '@rios/sdk/schema/billing';
import { formatInvoiceCsv } from './invoice-csv.ts';
import { formatInvoiceHtml } from './invoice-html.ts';
import { formatInvoiceText } from './invoice-text.ts';

export type InvoiceFormat = 'text' | 'json' | 'csv' | 'html';

/** An invoice in one of its forms; JSON is the object itself. */
export function formatInvoice(invoice: Invoice, format: InvoiceFormat): string {
  switch (format) {
    case 'text':
      return formatInvoiceText(invoice);
    case 'csv':
      return formatInvoiceCsv(invoice);
    case 'html':
      return formatInvoiceHtml(invoice);
    case 'json':
      return JSON.stringify(invoice);
  }
}
