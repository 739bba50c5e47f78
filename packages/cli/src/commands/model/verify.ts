import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class ModelVerify extends BaseCommand {
  static override summary =
    "Hash every file of a bundle and re-run its golden vectors on this machine's engine.";
  static override args = { bundle: Args.string({ description: 'Directory of the bundle.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(ModelVerify);
    const { verifyModel } = await import('../../actions/model/verify.ts');
    const report = await verifyModel(
      { bundle: args.bundle, signal: this.signal },
      await this.progress(flags),
    );
    this.print(
      `verified: largest error ${report.maxAbs.toExponential(2)} at ${report.positions} positions ` +
        `(allowed ${report.tolerance})\nnumeric class: ${report.numericClass}`,
    );
    return report;
  }
}
