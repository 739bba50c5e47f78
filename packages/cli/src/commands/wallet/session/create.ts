import * as Flags from '@oclif/core/flags';
import { durationFlag } from '../../../base-command.ts';
import { WalletCommand } from '../../../wallet/wallet-command.ts';

const DEFAULT_TTL_MS = 30 * 86_400_000;

export default class WalletSessionCreate extends WalletCommand {
  static override summary =
    'Let a key of this machine spend from your deposit, up to a cap and until an end.';
  static override description = 'Runs are then paid without unlocking the wallet each time.';
  static override examples = ['<%= config.bin %> wallet session create --cap 5 --ttl 7d'];
  static override flags = {
    ...WalletCommand.feeFlag,
    cap: Flags.string({ summary: 'The most that it may spend, for example 5.', required: true }),
    ttl: durationFlag({ summary: 'How long it is valid, 30d by default.' }),
  };

  async run() {
    const { flags } = await this.parse(WalletSessionCreate);
    const { parseRos } = await import('@rios/sdk/chain/amounts');
    const { createSession } = await import('../../../actions/wallet/sessions.ts');
    const { formatSessions } = await import('../../../print/money.ts');
    const wish = { capWei: parseRos(flags.cap), ttlMs: flags.ttl ?? DEFAULT_TTL_MS };
    const account = await this.openAccount(flags);
    const keys = await this.sessionKeys(flags);
    const report = await createSession(account, keys, wish, this.submitOptions(flags));
    this.print(formatSessions([report.session]));
    return report;
  }
}
