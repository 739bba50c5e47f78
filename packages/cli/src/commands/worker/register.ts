import * as Flags from '@oclif/core/flags';
import { durationFlag } from '../../base-command.ts';
import { dataDirFlag } from '../../flags.ts';
import { WalletCommand } from '../../wallet/wallet-command.ts';

export default class WorkerRegister extends WalletCommand {
  static override summary =
    'Bind the worker of this machine to a wallet, register it on the chain, and stake.';
  static override description =
    'Wallet and worker each sign that they belong together; the worker shows it to the orchestrator. Run it again to\nrenew the binding, or with another wallet to change it. What is registered already is not sent again.';
  static override aliases = ['worker:init'];
  static override examples = [
    '<%= config.bin %> worker register',
    '<%= config.bin %> worker register --stake 100 --payout 0x1234567890123456789012345678901234567890',
  ];
  static override flags = {
    ...dataDirFlag('RIOS_DATA_DIR'),
    ...WalletCommand.feeFlag,
    payout: Flags.string({ summary: 'Address where earnings go; the wallet by default.' }),
    stake: Flags.string({ summary: 'ROS to put at stake, for example 100.' }),
    lasts: durationFlag({ summary: 'How long the binding lasts, for example 90d; 365d by default.' }),
  };

  async run() {
    const { flags } = await this.parse(WorkerRegister);
    const { parseRos } = await import('@rios/sdk/chain/amounts');
    const { registerWorker } = await import('../../actions/worker/register.ts');
    const { workerDir } = await import('../../actions/data-dirs.ts');
    const { formatRegistration } = await import('../../print/stakes.ts');
    const stakeWei = flags.stake === undefined ? 0n : parseRos(flags.stake);
    const account = await this.openAccount(flags);
    const options = {
      dataDir: workerDir(flags['data-dir']),
      payout: flags.payout,
      stakeWei,
      lastsMs: flags.lasts ?? 365 * 86_400_000,
      now: Date.now,
      client: () => this.client(flags),
    };
    const registration = await registerWorker(account, options, this.submitOptions(flags));
    this.print(formatRegistration(registration));
    return registration;
  }
}
