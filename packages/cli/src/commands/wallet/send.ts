import * as Args from '@oclif/core/args';
import { WalletCommand } from '../../wallet/wallet-command.ts';

export default class WalletSend extends WalletCommand {
  static override summary = 'Send ROS to an account.';
  static override description = 'The transaction is shown and confirmed first; --yes in scripts.';
  static override examples = [
    '<%= config.bin %> wallet send 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed 1.5',
    '<%= config.bin %> wallet send 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed "1500000 wei" --yes --json',
  ];
  static override args = {
    to: Args.string({ description: 'Address of the account.', required: true }),
    amount: Args.string({ description: 'For example 1.5 or "1.5 ROS".', required: true }),
  };
  static override flags = { ...WalletCommand.feeFlag };

  async run() {
    const { args, flags } = await this.parse(WalletSend);
    const { parseRos } = await import('@rios/sdk/chain/amounts');
    const { sendRos } = await import('../../actions/wallet/send.ts');
    const amountWei = parseRos(args.amount);
    const account = await this.openAccount(flags);
    const report = await sendRos(account, { to: args.to, amountWei }, this.submitOptions(flags));
    return this.printSent(report);
  }
}
