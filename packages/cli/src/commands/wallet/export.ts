import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { walletPasswordFlag } from '../../wallet/flags.ts';

export default class WalletExport extends BaseCommand {
  static override summary = 'Show the secret of a wallet: whoever reads it has the funds.';
  static override examples = [
    '<%= config.bin %> wallet export main --format mnemonic',
    '<%= config.bin %> wallet export main --out main.json --confirm main',
  ];
  static override args = {
    name: Args.string({ description: 'Name of the wallet; the one in use by default.' }),
  };
  static override flags = {
    format: Flags.option({
      options: ['keystore', 'mnemonic', 'private-key'] as const,
      default: 'keystore',
      summary: 'An encrypted keystore file, or the bare secret.',
    })(),
    out: Flags.string({ summary: 'A new file (0600) for it, instead of stdout.' }),
    confirm: Flags.string({
      summary: 'The name of the wallet again, where nobody can type it; --yes is not enough.',
    }),
    ...walletPasswordFlag,
  };

  async run() {
    const { args, flags } = await this.parse(WalletExport);
    const { openUserWallets } = await import('../../wallet/unlock.ts');
    const { confirmByName } = await import('../../wallet/confirm-by-name.ts');
    const { createPasswords } = await import('../../wallet/passwords.ts');
    const { exportWallet } = await import('../../wallet/export-wallet.ts');
    const { confirm, format, out } = flags;
    const asking = this.asking(flags);
    const wallets = openUserWallets(flags);
    const wallet = await wallets.get(args.name ?? (process.env.RIOS_WALLET || undefined));
    const question = `This shows the ${format} of wallet ${wallet.name}: whoever has it can spend its funds.`;
    await confirmByName(question, wallet.name, { confirm, asking });
    const passwords = createPasswords({ passwordStdin: flags['password-stdin'], asking });
    const exported = await exportWallet(wallets, { wallet, format, out, passwords });
    if (exported.secret !== null) this.print(exported.secret);
    if (out !== undefined) this.remark(`wrote ${out}`, flags);
    return exported;
  }
}
