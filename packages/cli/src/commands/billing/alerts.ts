import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class BillingAlerts extends BaseCommand {
  static override summary = 'What the account was told about its money: budgets, low balance, pauses.';
  static override flags = {
    limit: Flags.integer({ summary: 'How many at most.', min: 1, max: 500, default: 50 }),
  };

  async run() {
    const { flags } = await this.parse(BillingAlerts);
    const { formatAlerts } = await import('../../print/billing/views.ts');
    const client = await this.client(flags);
    const answer = await client.listAlerts({ query: { limit: flags.limit }, signal: this.signal });
    this.print(formatAlerts(answer.alerts));
    return answer;
  }
}
