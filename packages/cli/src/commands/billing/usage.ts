import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { spanFlags } from '../../flags.ts';

export default class BillingUsage extends BaseCommand {
  static override summary = 'What the account used and paid, and what it has left.';
  static override examples = [
    '<%= config.bin %> billing usage',
    '<%= config.bin %> billing usage --month 2026-11 --by model',
    '<%= config.bin %> billing usage --from 2026-11-01 --to 2026-11-15 --by worker --json',
  ];
  static override flags = {
    ...spanFlags,
    by: Flags.option({
      options: ['day', 'model', 'worker'] as const,
      summary: 'What each row is of; days are UTC.',
      default: 'day',
    })(),
  };

  async run() {
    const { flags } = await this.parse(BillingUsage);
    const { parseSpan } = await import('../../actions/billing/span.ts');
    const { formatUsage } = await import('../../print/billing/views.ts');
    const span = parseSpan(flags, Date.now());
    const client = await this.client(flags);
    const report = await client.getUsage({ query: { ...span, by: flags.by }, signal: this.signal });
    this.print(formatUsage(report));
    return report;
  }
}
