import * as Flags from '@oclif/core/flags';
import type { StakeReport } from '@rios/sdk/schema/stake-results';
import type { GlobalFlags } from '../base-command.ts';
import { dataDirFlag } from '../flags.ts';
import { type AccountFlags, type SendFlags, WalletCommand } from './wallet-command.ts';

/** Flags of commands about the stake of a worker. */
export interface StakeFlags extends GlobalFlags {
  readonly worker?: string | undefined;
  readonly 'data-dir'?: string | undefined;
}

/** What commands about stake share: which worker, and how it stands after. */
export abstract class StakeCommand extends WalletCommand {
  static override baseFlags = {
    ...WalletCommand.baseFlags,
    worker: Flags.string({ summary: 'Id or name of the worker; the one of --data-dir by default.' }),
    ...dataDirFlag('RIOS_DATA_DIR'),
  };

  /** Peer id of the worker that the flags name. */
  protected async whichWorker(flags: StakeFlags): Promise<string> {
    const { whichWorker } = await import('../actions/stake/which-worker.ts');
    const { workerDir } = await import('../actions/data-dirs.ts');
    const { worker, 'data-dir': dataDir } = flags;
    return whichWorker({ worker, dataDir: workerDir(dataDir), client: () => this.client(flags) });
  }

  /** Puts that amount at stake. */
  protected async stake(amount: string, flags: StakeFlags & AccountFlags & SendFlags): Promise<StakeReport> {
    const { parseRos } = await import('@rios/sdk/chain/amounts');
    const { addStake } = await import('../actions/stake/add-stake.ts');
    const amountWei = parseRos(amount);
    const worker = await this.whichWorker(flags);
    const account = await this.openAccount(flags);
    return this.printStake(await addStake(account, { worker, amountWei }, this.submitOptions(flags)));
  }

  /** Begins to take an amount out, and takes what is due; undefined = only that. */
  protected async unstake(
    given: string | undefined,
    flags: StakeFlags & AccountFlags & SendFlags,
  ): Promise<StakeReport> {
    const { parseRos } = await import('@rios/sdk/chain/amounts');
    const { unstake } = await import('../actions/stake/unbond.ts');
    const amount = given === undefined ? undefined : given.trim() === 'all' ? 'all' : parseRos(given);
    const worker = await this.whichWorker(flags);
    const account = await this.openAccount(flags);
    return this.printStake(await unstake(account, { worker, amount }, this.submitOptions(flags)));
  }

  protected async printStake(report: StakeReport): Promise<StakeReport> {
    const { formatStakeReport } = await import('../print/stakes.ts');
    this.print(formatStakeReport(report));
    return report;
  }
}
