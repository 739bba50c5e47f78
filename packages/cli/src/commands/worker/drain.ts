import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';
import { dataDirFlag } from '../../flags.ts';

export default class WorkerDrain extends BaseCommand {
  static override summary = 'Move work off a worker: the one of this machine, or any by its id.';
  static override args = { worker: Args.string({ description: 'Id of a worker of the network.' }) };
  static override flags = { ...dataDirFlag('RIOS_DATA_DIR') };

  async run() {
    const { args, flags } = await this.parse(WorkerDrain);
    const { askWorkerToDrain } = await import('../../actions/worker/control.ts');
    const { workerDir } = await import('../../actions/data-dirs.ts');
    const answer =
      args.worker === undefined
        ? await askWorkerToDrain(workerDir(flags['data-dir']), flags.timeout)
        : await (await this.client(flags)).drainWorker({ params: { id: args.worker }, signal: this.signal });
    this.remark('draining', flags);
    return answer;
  }
}
