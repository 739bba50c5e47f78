import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class ModelPull extends BaseCommand {
  static override summary = "Download a model's bundle from the network, every hash checked.";
  static override args = { model: Args.string({ description: 'Name of the model.', required: true }) };
  static override flags = {
    out: Flags.string({ summary: 'Where to write the bundle; ./<model> by default.' }),
  };

  async run() {
    const { args, flags } = await this.parse(ModelPull);
    const { pullModel } = await import('../../actions/model/pull.ts');
    const { formatBytes } = await import('../../print/format.ts');
    const client = await this.client(flags);
    const options = { client, name: args.model, out: flags.out ?? args.model, signal: this.signal };
    const report = await pullModel(options, await this.progress(flags));
    this.print(`${report.out}  ${formatBytes(report.sizeBytes)}`);
    return report;
  }
}
