import * as Args from '@oclif/core/args';
import { WalletCommand } from '../../../wallet/wallet-command.ts';

export default class WalletSessionRevoke extends WalletCommand {
  static override summary =
    'End a session key; what it signed before can be collected until the delay is over.';
  static override examples = [
    '<%= config.bin %> wallet session revoke 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  ];
  static override args = { key: Args.string({ description: 'Address of the key.', required: true }) };
  static override flags = { ...WalletCommand.feeFlag };

  async run() {
    const { args, flags } = await this.parse(WalletSessionRevoke);
    const { revokeSession } = await import('../../../actions/wallet/sessions.ts');
    const { formatSessions } = await import('../../../print/money.ts');
    const account = await this.openAccount(flags);
    const keys = await this.sessionKeys(flags);
    const report = await revokeSession(account, keys, args.key, this.submitOptions(flags));
    this.print(formatSessions([report.session]));
    return report;
  }
}
