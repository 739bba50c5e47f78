import { WalletCommand } from '../../../wallet/wallet-command.ts';

export default class WalletSessionList extends WalletCommand {
  static override summary =
    'List the session keys of this machine, as the chain sees them; never their secrets.';
  static override examples = ['<%= config.bin %> wallet session list'];

  async run() {
    const { flags } = await this.parse(WalletSessionList);
    const { listSessions } = await import('../../../actions/wallet/sessions.ts');
    const { formatSessions } = await import('../../../print/money.ts');
    const { opened, address } = await this.openFor(undefined, flags);
    const sessions = await listSessions(opened, await this.sessionKeys(flags), address);
    this.print(formatSessions(sessions));
    return { sessions };
  }
}
