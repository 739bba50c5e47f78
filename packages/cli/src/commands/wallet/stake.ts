import * as Args from '@oclif/core/args';
import { StakeCommand } from '../../wallet/stake-command.ts';

export default class WalletStake extends StakeCommand {
  static override summary = 'Put ROS at stake for a registered worker.';
  static override description =
    'One transaction: a permit that your wallet signs stands in for an approval. Who cheats loses stake; take it out\nwith `rios wallet unstake`.';
  static override examples = [
    '<%= config.bin %> wallet stake 100',
    '<%= config.bin %> wallet stake 100 --worker w1 --yes --json',
  ];
  static override args = {
    amount: Args.string({ description: 'For example 100 or "100 ROS".', required: true }),
  };
  static override flags = { ...StakeCommand.feeFlag };

  async run() {
    const { args, flags } = await this.parse(WalletStake);
    return this.stake(args.amount, flags);
  }
}
