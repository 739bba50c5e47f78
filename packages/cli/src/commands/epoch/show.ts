import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class EpochShow extends BaseCommand {
  static override summary = 'Describe an epoch: its sums, its roots, and its transaction.';
  static override args = { epoch: Args.integer({ description: 'Its number.', required: true, min: 1 }) };

  async run() {
    const { args, flags } = await this.parse(EpochShow);
    const client = await this.client(flags);
    const { formatEpoch } = await import('../../print/epochs.ts');
    const view = await client.getEpoch({ params: args, signal: this.signal });
    this.print(formatEpoch(view));
    return view;
  }
}
