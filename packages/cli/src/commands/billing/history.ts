import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class BillingHistory extends BaseCommand {
  static override summary = 'The bills of requests, newest first.';
  static override examples = ['<%= config.bin %> billing history --limit 10'];
  static override flags = {
    limit: Flags.integer({ summary: 'How many at most.', min: 1, max: 500, default: 50 }),
    before: Flags.string({ summary: 'Only older ones; the end of a list says from where.' }),
  };

  async run() {
    const { flags } = await this.parse(BillingHistory);
    const { formatBills } = await import('../../print/billing/views.ts');
    const client = await this.client(flags);
    const { limit, before } = flags;
    const page = await client.listBills({ query: { limit, before }, signal: this.signal });
    this.print(formatBills(page));
    return page;
  }
}
