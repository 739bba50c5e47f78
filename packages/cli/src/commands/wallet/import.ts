import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { walletPasswordFlag } from '../../wallet/flags.ts';

const exclusive = (...others: string[]) => ({
  exactlyOne: ['mnemonic', 'private-key', 'keystore'],
  exclusive: others,
});

export default class WalletImport extends BaseCommand {
  static override summary = 'Bring a wallet here: from a mnemonic, a private key, or a keystore file.';
  static override description =
    'Mnemonic and key come from stdin or a question, never from the command line. With --password-stdin each secret is a line: what is imported, then its password.';
  static override examples = [
    '<%= config.bin %> wallet import --mnemonic < words.txt',
    '<%= config.bin %> wallet import --private-key --name cold',
    '<%= config.bin %> wallet import --keystore UTC--2026-01-01--0xab.json',
  ];
  static override flags = {
    name: Flags.string({ summary: 'Name of the new wallet.', default: 'main' }),
    mnemonic: Flags.boolean({
      summary: '12 to 24 words of BIP-39.',
      ...exclusive('private-key', 'keystore'),
    }),
    'private-key': Flags.boolean({
      summary: '64 hexadecimal digits.',
      ...exclusive('mnemonic', 'keystore'),
    }),
    keystore: Flags.string({
      summary: 'An encrypted file, as geth and ethers write it.',
      ...exclusive('mnemonic', 'private-key'),
    }),
    index: Flags.integer({ summary: 'Which account of the mnemonic.', default: 0, min: 0, max: 2 ** 31 - 1 }),
    use: Flags.boolean({ summary: 'Make it the one in use.' }),
    ...walletPasswordFlag,
  };

  async run() {
    const { flags } = await this.parse(WalletImport);
    const { openUserWallets } = await import('../../wallet/unlock.ts');
    const { importWallet } = await import('../../wallet/import-wallet.ts');
    const { keystore: file, mnemonic } = flags;
    const wallets = openUserWallets(flags);
    const imported = await importWallet(wallets, {
      name: flags.name,
      from: file === undefined ? { kind: mnemonic ? 'mnemonic' : 'key' } : { kind: 'keystore', file },
      index: flags.index,
      passwordStdin: flags['password-stdin'],
      asking: this.asking(flags),
    });
    const wallet = flags.use ? await wallets.use(imported.name) : imported;
    this.print(wallet.address);
    this.remark(`imported wallet ${wallet.name}${wallet.current ? ', in use' : ''}`, flags);
    return wallet;
  }
}
