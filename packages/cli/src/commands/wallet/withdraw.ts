import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { RiosError } from '@rios/sdk/errors/error';
import { WalletCommand } from '../../wallet/wallet-command.ts';

export default class WalletWithdraw extends WalletCommand {
  static override summary = 'Take ROS out of the escrow: begin, and after the delay take it.';
  static override description =
    'With an amount it begins a withdrawal and says when it is due; vouchers that you gave away can be collected until\nthen. Run it again when it is due: what is due is paid, and what goes beyond it is begun.';
  static override examples = [
    '<%= config.bin %> wallet withdraw 5',
    '<%= config.bin %> wallet withdraw',
    '<%= config.bin %> wallet withdraw --cancel',
  ];
  static override args = {
    amount: Args.string({ description: 'For example 5, or all; nothing: only take what is due.' }),
  };
  static override flags = {
    ...WalletCommand.feeFlag,
    cancel: Flags.boolean({ summary: 'End a withdrawal that was begun; the ROS stays in the escrow.' }),
  };

  async run() {
    const { args, flags } = await this.parse(WalletWithdraw);
    const { parseRos } = await import('@rios/sdk/chain/amounts');
    const { withdraw } = await import('../../actions/wallet/withdraw.ts');
    const { formatWithdrawal } = await import('../../print/money.ts');
    const { cancel } = flags;
    if (cancel && args.amount !== undefined) {
      throw new RiosError('USER_INVALID_REQUEST', 'give an amount or --cancel, not both');
    }
    const all = args.amount?.trim() === 'all';
    const amount = args.amount === undefined ? undefined : all ? 'all' : parseRos(args.amount);
    const account = await this.openAccount(flags);
    const report = await withdraw(account, { amount, cancel }, this.submitOptions(flags));
    this.print(formatWithdrawal(report));
    return report;
  }
}
