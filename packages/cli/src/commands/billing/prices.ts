import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class BillingPrices extends BaseCommand {
  static override summary = 'The price table in force; operators may set the next one.';
  static override description =
    'Tables never change: a new one has a higher version, and counts from its effectiveAt (ms since 1970). To change\nprices, save the table with --json, edit the file, raise its version, and give it to --set.';
  static override examples = [
    '<%= config.bin %> billing prices --json > prices.json',
    '<%= config.bin %> billing prices --set prices.json',
  ];
  static override flags = {
    set: Flags.string({ summary: 'File with the next price table (JSON).', helpValue: '<file>' }),
  };

  async run() {
    const { flags } = await this.parse(BillingPrices);
    const { formatPrices } = await import('../../print/billing/views.ts');
    const { readPriceTable } = await import('../../actions/billing/read-price-table.ts');
    const { signal } = this;
    const body = flags.set === undefined ? undefined : await readPriceTable(flags.set);
    const client = await this.client(flags);
    const table = await (body === undefined
      ? client.getPrices({ signal })
      : client.setPrices({ body, signal }));
    this.print(formatPrices(table));
    return table;
  }
}
