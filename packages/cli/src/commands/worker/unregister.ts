import * as Flags from '@oclif/core/flags';
import { StakeCommand } from '../../wallet/stake-command.ts';

export default class WorkerUnregister extends StakeCommand {
  static override summary = 'Take the binding of a worker and its wallet back.';
  static override description =
    'The worker of this machine does so by its own key; with --worker the wallet does, for a worker on any machine.\nStake stays on the chain: take it out by rios wallet unstake, then --deregister takes the worker off the registry.';
  static override examples = [
    '<%= config.bin %> worker unregister',
    '<%= config.bin %> worker unregister --worker w1',
    '<%= config.bin %> worker unregister --deregister --yes',
  ];
  static override flags = {
    ...StakeCommand.feeFlag,
    deregister: Flags.boolean({ summary: 'Take it off the chain’s registry too: nothing may be at stake.' }),
  };

  async run() {
    const { flags } = await this.parse(WorkerUnregister);
    const { deregister, revokeByWallet, revokeByWorker } = await import('../../actions/worker/unregister.ts');
    const { workerDir } = await import('../../actions/data-dirs.ts');
    const { formatUnregistration } = await import('../../print/stakes.ts');
    const worker = await this.whichWorker(flags);
    const client = () => this.client(flags);
    const needsWallet = flags.deregister || flags.worker !== undefined;
    const account = needsWallet ? await this.openAccount(flags) : undefined;
    const transactions =
      account !== undefined && flags.deregister
        ? [await deregister(account, worker, this.submitOptions(flags))]
        : [];
    const revoked =
      account !== undefined && flags.worker !== undefined
        ? await revokeByWallet(account, worker, client)
        : await revokeByWorker({ dataDir: workerDir(flags['data-dir']), client });
    const report = { ...revoked, transactions };
    this.print(formatUnregistration(report));
    return report;
  }
}
