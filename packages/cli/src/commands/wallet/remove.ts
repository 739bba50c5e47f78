import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class WalletRemove extends BaseCommand {
  static override summary =
    'Remove a wallet and its key from this machine; without a copy its funds are lost.';
  static override examples = [
    '<%= config.bin %> wallet remove savings',
    '<%= config.bin %> wallet remove savings --confirm savings',
  ];
  static override args = { name: Args.string({ description: 'Name of the wallet.', required: true }) };
  static override flags = {
    confirm: Flags.string({
      summary: 'The name of the wallet again, where nobody can type it; --yes is not enough.',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(WalletRemove);
    const { openUserWallets } = await import('../../wallet/unlock.ts');
    const { confirmByName } = await import('../../wallet/confirm-by-name.ts');
    const wallets = openUserWallets(flags);
    const { name, address } = await wallets.get(args.name);
    const question = `This removes the key of ${address}: without a copy of it the funds are lost.`;
    await confirmByName(question, name, { confirm: flags.confirm, asking: this.asking(flags) });
    const removed = await wallets.remove(name);
    this.remark(`removed wallet ${name}`, flags);
    return removed;
  }
}
