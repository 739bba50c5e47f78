import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class WalletUse extends BaseCommand {
  static override summary = 'Choose the wallet that commands use.';
  static override examples = ['<%= config.bin %> wallet use savings'];
  static override args = { name: Args.string({ description: 'Name of the wallet.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(WalletUse);
    const { openUserWallets } = await import('../../wallet/unlock.ts');
    const wallet = await openUserWallets(flags).use(args.name);
    this.remark(`using ${wallet.name}: ${wallet.address}`, flags);
    return wallet;
  }
}
