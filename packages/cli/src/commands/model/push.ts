import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class ModelPush extends BaseCommand {
  static override summary = "Upload a bundle to the network's store; goes on where it was cut off.";
  static override args = { bundle: Args.string({ description: 'Directory of the bundle.', required: true }) };
  static override flags = {
    name: Flags.string({ summary: "Name of the model in the network; the bundle's by default." }),
  };

  async run() {
    const { args, flags } = await this.parse(ModelPush);
    const { pushModel } = await import('../../actions/model/push.ts');
    const { formatBytes } = await import('../../print/format.ts');
    const client = await this.client(flags);
    const options = { client, bundle: args.bundle, name: flags.name, signal: this.signal };
    const report = await pushModel(options, await this.progress(flags));
    const { name, modelHash } = report.model;
    this.print(`${name}  ${modelHash}`);
    this.remark(
      `sent ${formatBytes(report.sentBytes)}, ${formatBytes(report.presentBytes)} were there`,
      flags,
    );
    return report;
  }
}
