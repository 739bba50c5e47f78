import * as Args from '@oclif/core/args';
import { EXIT } from '@rios/sdk/errors/catalog';
import { BaseCommand } from '../../base-command.ts';

export default class ReceiptShow extends BaseCommand {
  static override summary = 'What workers signed for a request, and whether its bill follows from it.';
  static override description =
    'Signatures, units, prices and shares are checked here, whatever the orchestrator says. Exits with 10 when anything\nis wrong. --json has the signed receipts themselves.';
  static override examples = ['<%= config.bin %> receipt show req_01k0d4xq5vw3'];
  static override args = { request: Args.string({ description: 'Id of the request.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(ReceiptShow);
    const { showReceipts } = await import('../../actions/billing/show-receipts.ts');
    const { formatReceipts } = await import('../../print/billing/views.ts');
    const report = await showReceipts(await this.client(flags), args.request, this.signal);
    this.print(formatReceipts(report));
    if (!report.ok) process.exitCode = EXIT.integrity;
    return report;
  }
}
