import * as Flags from '@oclif/core/flags';
import { StakeCommand } from '../../wallet/stake-command.ts';

export default class StakeStatus extends StakeCommand {
  static override summary = 'Show what is at stake for a worker, and what is on its way out.';
  static override examples = [
    '<%= config.bin %> stake status',
    '<%= config.bin %> stake status --worker w1 --json',
  ];
  static override flags = {
    operator: Flags.string({ summary: 'Address that registered the worker; the wallet by default.' }),
  };

  async run() {
    const { flags } = await this.parse(StakeStatus);
    const { readStake } = await import('../../actions/stake/read-stake.ts');
    const { formatStakeView } = await import('../../print/stakes.ts');
    const worker = await this.whichWorker(flags);
    const { opened, address } = await this.openFor(flags.operator, flags);
    const view = await readStake(opened, { operator: address, worker });
    this.print(formatStakeView(view));
    return view;
  }
}
