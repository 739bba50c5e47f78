import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { WalletCommand } from '../../wallet/wallet-command.ts';

export default class WalletHistory extends WalletCommand {
  static override summary = 'What happened to the money of a wallet, and what waits still.';
  static override examples = [
    '<%= config.bin %> wallet history',
    '<%= config.bin %> wallet history --from-block 0',
  ];
  static override args = {
    address: Args.string({ description: 'Any account; your wallet by default.' }),
  };
  static override flags = {
    'from-block': Flags.integer({
      summary: 'First block to read; by default the last 50,000, and all of a dev chain.',
      min: 0,
    }),
    limit: Flags.integer({ summary: 'Newest rows to show.', default: 100, min: 1, max: 10_000 }),
  };

  async run() {
    const { args, flags } = await this.parse(WalletHistory);
    const { readRows } = await import('../../actions/wallet/history.ts');
    const { formatHistory } = await import('../../print/money.ts');
    const { opened, address } = await this.openFor(args.address, flags);
    const rows = await readRows(opened, address, { fromBlock: flags['from-block'], limit: flags.limit });
    this.print(formatHistory(rows));
    return { address, rows };
  }
}
