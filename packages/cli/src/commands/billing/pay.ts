import * as Flags from '@oclif/core/flags';
import { WalletCommand } from '../../wallet/wallet-command.ts';

export default class BillingPay extends WalletCommand {
  static override summary = 'Sign for what was spent of your deposits, so that the network can collect it.';
  static override description =
    'A voucher says what your wallet has spent in all. It costs no gas and sends no transaction. Without one, requests\nare refused once more than 1 ROS of your deposits is spent.';
  static override examples = [
    '<%= config.bin %> billing pay',
    '<%= config.bin %> billing pay --session --json',
  ];
  static override flags = {
    session: Flags.boolean({
      summary:
        'Sign with a session key of this machine (rios wallet session create), not with the wallet’s own.',
    }),
  };

  async run() {
    const { flags } = await this.parse(BillingPay);
    const { payDue } = await import('../../actions/billing/pay.ts');
    const { formatPaid } = await import('../../print/money.ts');
    const client = await this.client(flags);
    const account = await this.openAccount(flags);
    const sessions = flags.session ? await this.sessionKeys(flags) : undefined;
    const report = await payDue(client, account, sessions);
    this.print(formatPaid(report));
    return report;
  }
}
