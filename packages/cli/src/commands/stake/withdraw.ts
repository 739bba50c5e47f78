import { StakeCommand } from '../../wallet/stake-command.ts';

export default class StakeWithdraw extends StakeCommand {
  static override summary = 'Take the stake whose unbonding is over.';
  static override examples = [
    '<%= config.bin %> stake withdraw',
    '<%= config.bin %> stake withdraw --worker w1 --yes',
  ];
  static override flags = { ...StakeCommand.feeFlag };

  async run() {
    const { flags } = await this.parse(StakeWithdraw);
    return this.unstake(undefined, flags);
  }
}
