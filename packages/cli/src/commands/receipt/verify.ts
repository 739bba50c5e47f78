import * as Args from '@oclif/core/args';
import { EXIT } from '@rios/sdk/errors/catalog';
import { BaseCommand } from '../../base-command.ts';

export default class ReceiptVerify extends BaseCommand {
  static override summary = 'Check a public file of receipts by itself: signatures, charges, sums and roots.';
  static override description =
    'Asks nobody. Exits with 10 when anything is wrong. Whether it is what was published, rios audit says.';
  static override examples = ['<%= config.bin %> receipt verify epoch-3.receipts'];
  static override args = {
    file: Args.string({ description: 'The public file of an epoch.', required: true }),
  };

  async run() {
    const { args, flags } = await this.parse(ReceiptVerify);
    const { verifyReceipts } = await import('../../actions/settlement/verify-receipts.ts');
    const { formatVerdict } = await import('../../print/settlement.ts');
    const wish = { path: args.file, signal: this.signal };
    const verdict = await verifyReceipts(wish, await this.progress(flags));
    this.print(formatVerdict(verdict));
    if (!verdict.ok) process.exitCode = EXIT.integrity;
    return verdict;
  }
}
