import * as Args from '@oclif/core/args';
import { StakeCommand } from '../../wallet/stake-command.ts';

export default class WalletUnstake extends StakeCommand {
  static override summary = 'Take stake out: ask for it, and after the unbonding take it.';
  static override description =
    'With an amount it begins the unbonding and says when it is due; until it is paid it can be slashed. Run it again\nwithout an amount when it is due. To ask for more meanwhile begins the wait of all of it anew.';
  static override examples = [
    '<%= config.bin %> wallet unstake 100',
    '<%= config.bin %> wallet unstake all --worker w1',
    '<%= config.bin %> wallet unstake',
  ];
  static override args = {
    amount: Args.string({ description: 'For example 100, or all; nothing: only take what is due.' }),
  };
  static override flags = { ...StakeCommand.feeFlag };

  async run() {
    const { args, flags } = await this.parse(WalletUnstake);
    return this.unstake(args.amount, flags);
  }
}
