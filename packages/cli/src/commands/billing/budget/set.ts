import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../../base-command.ts';

const limit = (of: string) =>
  Flags.string({ summary: `Most for ${of}, for example 5 or "5 ROS"; none takes the limit away.` });

export default class BillingBudgetSet extends BaseCommand {
  static override summary = 'Limit what the account may spend for a request, a day, a month (UTC).';
  static override description =
    'A request reserves the most that it can cost before it starts, and is refused when that does not fit. What is\nnot given stays as it is. Alerts come at 50, 75 and 90 %.';
  static override examples = [
    '<%= config.bin %> billing budget set --day 5 --month 100',
    '<%= config.bin %> billing budget set --day none',
  ];
  static override flags = { request: limit('one request'), day: limit('a day'), month: limit('a month') };

  async run() {
    const { flags } = await this.parse(BillingBudgetSet);
    const { parseLimits } = await import('../../../actions/billing/parse-limits.ts');
    const { formatBudgets } = await import('../../../print/billing/views.ts');
    const body = parseLimits(flags);
    const client = await this.client(flags);
    const budget = await client.setBudget({ body, signal: this.signal });
    this.print(formatBudgets([budget]));
    return budget;
  }
}
