import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class EpochReceipts extends BaseCommand {
  static override summary = 'Download the public receipts of an epoch; rios audit checks them.';
  static override args = { epoch: Args.integer({ description: 'Its number.', required: true, min: 1 }) };
  static override flags = {
    out: Flags.string({ summary: 'Where to write the file; ./epoch-<n>.receipts by default.' }),
  };

  async run() {
    const { args, flags } = await this.parse(EpochReceipts);
    const { fetchReceipts } = await import('../../actions/settlement/fetch-receipts.ts');
    const { formatBytes } = await import('../../print/format.ts');
    const { out = `epoch-${args.epoch}.receipts` } = flags;
    const options = { client: await this.client(flags), epoch: args.epoch, out, signal: this.signal };
    const report = await fetchReceipts(options, await this.progress(flags));
    this.print(`${report.out}  ${formatBytes(report.sizeBytes)}`);
    return report;
  }
}
