import * as Args from '@oclif/core/args';
import { StakeCommand } from '../../wallet/stake-command.ts';

export default class StakeUnbond extends StakeCommand {
  static override summary = 'Begin to take stake out, and say when it is due.';
  static override examples = [
    '<%= config.bin %> stake unbond 100',
    '<%= config.bin %> stake unbond all --worker w1',
  ];
  static override args = {
    amount: Args.string({ description: 'For example 100, or all.', required: true }),
  };
  static override flags = { ...StakeCommand.feeFlag };

  async run() {
    const { args, flags } = await this.parse(StakeUnbond);
    return this.unstake(args.amount, flags);
  }
}
