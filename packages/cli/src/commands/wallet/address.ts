import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class WalletAddress extends BaseCommand {
  static override summary = 'Print the address of a wallet, for those who pay to it.';
  static override examples = ['<%= config.bin %> wallet address', '<%= config.bin %> wallet address savings'];
  static override args = {
    name: Args.string({ description: 'Name of the wallet; the one in use by default.' }),
  };

  async run() {
    const { args, flags } = await this.parse(WalletAddress);
    const { findWallet } = await import('../../wallet/unlock.ts');
    const wallet = args.name ?? (process.env.RIOS_WALLET || undefined);
    const { name, address } = await findWallet({ wallet, quiet: flags.quiet });
    this.print(address);
    // for a phone's camera; a script reads the one line above
    if (process.stdout.isTTY === true && !flags.quiet) {
      const { renderUnicodeCompact } = await import('uqr');
      this.print(renderUnicodeCompact(address));
    }
    return { name, address };
  }
}
