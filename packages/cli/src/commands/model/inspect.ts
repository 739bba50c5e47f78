import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class ModelInspect extends BaseCommand {
  static override summary = 'Show the parts of a bundle, their sizes and the memory that each needs.';
  static override args = { bundle: Args.string({ description: 'Directory of the bundle.', required: true }) };

  async run() {
    const { args } = await this.parse(ModelInspect);
    const { inspectBundle } = await import('@rios/sdk/model/inspect');
    const { formatBundle } = await import('../../print/bundle.ts');
    const report = await inspectBundle(args.bundle);
    this.print(formatBundle(report));
    return report;
  }
}
