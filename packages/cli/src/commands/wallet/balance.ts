import * as Args from '@oclif/core/args';
import { WalletCommand } from '../../wallet/wallet-command.ts';

export default class WalletBalance extends WalletCommand {
  static override summary = 'What a wallet has: on its own, in the escrow, and for gas.';
  static override examples = [
    '<%= config.bin %> wallet balance',
    '<%= config.bin %> wallet balance --wallet lab',
  ];
  static override args = {
    address: Args.string({ description: 'Any account; your wallet by default.' }),
  };

  async run() {
    const { args, flags } = await this.parse(WalletBalance);
    const { readBalance } = await import('../../actions/wallet/balance.ts');
    const { formatBalance } = await import('../../print/money.ts');
    const { opened, address } = await this.openFor(args.address, flags);
    const report = await readBalance(opened, address);
    this.print(formatBalance(report));
    return report;
  }
}
