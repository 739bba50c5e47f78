import { BaseCommand } from '../../base-command.ts';

export default class WalletList extends BaseCommand {
  static override summary = 'List the wallets of this machine; the one in use has a star.';
  static override examples = ['<%= config.bin %> wallet list --json'];

  async run() {
    const { flags } = await this.parse(WalletList);
    const { openUserWallets } = await import('../../wallet/unlock.ts');
    const { formatTable } = await import('../../print/table.ts');
    const wallets = await openUserWallets(flags).list();
    const rows = wallets.map((row) => [
      row.current ? '*' : '',
      row.name,
      row.address,
      row.kind,
      row.keystore,
    ]);
    this.print(formatTable(['', 'name', 'address', 'made from', 'key in'], rows));
    return { wallets };
  }
}
