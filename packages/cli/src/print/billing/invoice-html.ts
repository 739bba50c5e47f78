import type { Invoice } from '@rios/sdk/schema/billing';
import { INVOICE_COLUMNS, invoiceHead, invoiceRows, invoiceSums } from './invoice-text.ts';

const STYLE = `body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; color: #111; }
table { border-collapse: collapse; width: 100%; margin: 1.5rem 0; }
th, td { border-bottom: 1px solid #ccc; padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
dt { float: left; clear: left; width: 9rem; color: #555; }
dd { margin-left: 9rem; }
@media print { body { margin: 0; font-size: 10px; } thead { display: table-header-group; } }`;

/** An invoice as one page without scripts or anything from elsewhere; all text of it is escaped. */
export function formatInvoiceHtml(invoice: Invoice): string {
  const cells = (tag: 'th' | 'td', texts: readonly string[]) =>
    `<tr>${texts.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join('')}</tr>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(`Invoice ${invoice.number}`)}</title>
<style>
${STYLE}
</style>
</head>
<body>
<h1>Invoice</h1>
${fieldsOf(invoiceHead(invoice))}
<table>
<thead>${cells('th', INVOICE_COLUMNS)}</thead>
<tbody>
${invoiceRows(invoice)
  .map((row) => cells('td', row))
  .join('\n')}
</tbody>
</table>
${fieldsOf(invoiceSums(invoice))}
<p>Each line can be checked by the receipt that its worker signed: <code>rios receipt show &lt;request&gt;</code>.</p>
</body>
</html>`;
}

const fieldsOf = (fields: readonly (readonly [string, string])[]): string =>
  `<dl>${fields.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
