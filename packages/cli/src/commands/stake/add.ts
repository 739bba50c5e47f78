import * as Args from '@oclif/core/args';
import { StakeCommand } from '../../wallet/stake-command.ts';

export default class StakeAdd extends StakeCommand {
  static override summary = 'Put ROS at stake for a registered worker; the same as rios wallet stake.';
  static override examples = [
    '<%= config.bin %> stake add 100',
    '<%= config.bin %> stake add 100 --worker w1 --yes',
  ];
  static override args = {
    amount: Args.string({ description: 'For example 100 or "100 ROS".', required: true }),
  };
  static override flags = { ...StakeCommand.feeFlag };

  async run() {
    const { args, flags } = await this.parse(StakeAdd);
    return this.stake(args.amount, flags);
  }
}
