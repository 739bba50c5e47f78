import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { walletPasswordFlag } from '../../wallet/flags.ts';

export default class WalletCreate extends BaseCommand {
  static override summary = 'Make a wallet: a new key, kept in the keychain or in an encrypted file.';
  static override description =
    'The first wallet becomes the one in use. Its 12 words are shown by rios wallet export --format mnemonic only.';
  static override examples = [
    '<%= config.bin %> wallet create',
    '<%= config.bin %> wallet create --name savings --password-stdin < password.txt',
  ];
  static override flags = {
    name: Flags.string({ summary: 'Name of the new wallet.', default: 'main' }),
    use: Flags.boolean({ summary: 'Make it the one in use.' }),
    ...walletPasswordFlag,
  };

  async run() {
    const { flags } = await this.parse(WalletCreate);
    const { openUserWallets } = await import('../../wallet/unlock.ts');
    const { createPasswords } = await import('../../wallet/passwords.ts');
    const passwords = createPasswords({ passwordStdin: flags['password-stdin'], asking: this.asking(flags) });
    const wallets = openUserWallets(flags);
    const created = await wallets.create(flags.name, passwords);
    const wallet = flags.use ? await wallets.use(created.name) : created;
    this.print(wallet.address);
    this.remark(`created wallet ${wallet.name}${wallet.current ? ', in use' : ''}`, flags);
    this.remark(`write its words down now: rios wallet export ${wallet.name} --format mnemonic`, flags);
    return wallet;
  }
}
