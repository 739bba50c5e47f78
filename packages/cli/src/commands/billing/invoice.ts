import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { spanFlags } from '../../flags.ts';

export default class BillingInvoice extends BaseCommand {
  static override summary = 'Every line of a month, a span or one request, each with its receipt.';
  static override description =
    'Each line names request, worker, units, price, amount and the receipt that the worker signed;\nlines that cost nothing say why. rios receipt show checks them.';
  static override examples = [
    '<%= config.bin %> billing invoice --month 2026-11',
    '<%= config.bin %> billing invoice --month 2026-11 --format html > invoice.html',
    '<%= config.bin %> billing invoice --request req_01k0d4xq5vw3 --json',
  ];
  static override flags = {
    ...spanFlags,
    request: Flags.string({ summary: 'Id of one request.', exclusive: ['month', 'from', 'to'] }),
    format: Flags.option({
      options: ['text', 'json', 'csv', 'html'] as const,
      summary: 'CSV and JSON have amounts in wei.',
      default: 'text',
    })(),
  };

  override jsonEnabled(): boolean {
    return super.jsonEnabled() || /(^|\s)--format[= ]json(\s|$)/.test(this.argv.join(' '));
  }

  async run() {
    const { flags } = await this.parse(BillingInvoice);
    const { parseSpan } = await import('../../actions/billing/span.ts');
    const { readInvoice } = await import('../../actions/billing/read-invoice.ts');
    const { request } = flags;
    const wish = request === undefined ? parseSpan(flags, Date.now()) : { request };
    const invoice = await readInvoice(await this.client(flags), wish, this.signal);
    const { formatInvoice } = await import('../../print/billing/invoice.ts');
    this.print(formatInvoice(invoice, flags.format));
    return invoice;
  }
}
