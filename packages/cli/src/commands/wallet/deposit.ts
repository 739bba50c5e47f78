import * as Args from '@oclif/core/args';
import { WalletCommand } from '../../wallet/wallet-command.ts';

export default class WalletDeposit extends WalletCommand {
  static override summary = 'Pay ROS into the escrow, from which your runs are paid.';
  static override description =
    'One transaction: a permit that your wallet signs stands in for an approval. Who is signed in has the wallet linked\nto the account too (`rios wallet link`). Take it out again with `rios wallet withdraw`.';
  static override examples = [
    '<%= config.bin %> wallet deposit 20',
    '<%= config.bin %> wallet deposit 20 --yes --json',
  ];
  static override args = {
    amount: Args.string({ description: 'For example 20 or "20 ROS".', required: true }),
  };
  static override flags = { ...WalletCommand.feeFlag };

  async run() {
    const { args, flags } = await this.parse(WalletDeposit);
    const { parseRos } = await import('@rios/sdk/chain/amounts');
    const { deposit } = await import('../../actions/wallet/deposit.ts');
    const amountWei = parseRos(args.amount);
    const account = await this.openAccount(flags);
    const report = await this.printSent(await deposit(account, amountWei, this.submitOptions(flags)));
    const { linkDeposit } = await import('../../actions/wallet/link-deposit.ts');
    const { accountId, problem } = await linkDeposit(account, this.target(flags));
    if (accountId !== null) this.remark(`It pays for ${accountId}.`, flags);
    if (problem !== undefined)
      this.remark(`Not linked to an account yet: ${problem.message}. Run rios wallet link.`, flags);
    return { ...report, linkedTo: accountId };
  }
}
