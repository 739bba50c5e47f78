import type { Client } from '@rios/sdk/api/client';
import { joinInvoice } from '@rios/sdk/billing/invoice';
import type { Invoice, InvoicePage } from '@rios/sdk/schema/billing';
import type { Span } from './span.ts';

/** Which invoice: of a span, or of one request. */
export type InvoiceWish = Span | { readonly request: string };

/**
 * Reads an invoice page by page and adds it up anew.
 * @throws RiosError NOT_FOUND for a request without a bill; INTEGRITY_BILL when a bill is not the sum of its lines
 */
export async function readInvoice(client: Client, wish: InvoiceWish, signal: AbortSignal): Promise<Invoice> {
  const read = (after?: string): Promise<InvoicePage> =>
    client.getInvoice({ query: { ...wish, ...(after === undefined ? {} : { after }) }, signal });
  const first = await read();
  const rest: InvoicePage[] = [];
  for (let { next } = first; next !== null; ) {
    const page = await read(next);
    rest.push(page);
    next = page.next;
  }
  return joinInvoice([first, ...rest]);
}
