import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { numberFlag } from '../../flags.ts';
import { WalletCommand } from '../../wallet/wallet-command.ts';

export default class WalletBump extends WalletCommand {
  static override summary = 'Raise the fee of a transaction that is stuck, or cancel it.';
  static override description =
    'It is sent again with the same nonce, so that only one of the two can come through. Shown and confirmed first.';
  static override examples = ['<%= config.bin %> wallet bump', '<%= config.bin %> wallet bump --cancel'];
  static override args = {
    hash: Args.string({ description: 'Which; the one that waits by default: see rios wallet history.' }),
  };
  static override flags = {
    factor: numberFlag({ summary: 'By how much, at least 1.125.' }),
    cancel: Flags.boolean({ summary: 'Put a transaction that does nothing in its place.' }),
  };

  async run() {
    const { args, flags } = await this.parse(WalletBump);
    const { bump } = await import('../../actions/wallet/bump.ts');
    const { formatSent } = await import('../../print/money.ts');
    const account = await this.openAccount(flags);
    const wish = { hash: args.hash, factor: flags.factor, cancel: flags.cancel };
    const report = await bump(account, wish, this.submitOptions(flags));
    this.print(formatSent(report));
    return report;
  }
}
