import { BaseCommand } from '../../../base-command.ts';

export default class BillingBudgetShow extends BaseCommand {
  static override summary = 'Budgets, and what of them is spent and reserved.';

  async run() {
    const { flags } = await this.parse(BillingBudgetShow);
    const { formatBudgets } = await import('../../../print/billing/views.ts');
    const client = await this.client(flags);
    const answer = await client.listBudgets({ signal: this.signal });
    this.print(formatBudgets(answer.budgets));
    return answer;
  }
}
