import { BaseCommand } from '../../base-command.ts';
import { dataDirFlag } from '../../flags.ts';

export default class WorkerStatus extends BaseCommand {
  static override summary = 'What the worker of this machine is doing.';
  static override flags = { ...dataDirFlag('RIOS_DATA_DIR') };

  async run() {
    const { flags } = await this.parse(WorkerStatus);
    const { askWorkerStatus } = await import('../../actions/worker/control.ts');
    const { workerDir } = await import('../../actions/data-dirs.ts');
    const { formatWorkerStatus } = await import('../../print/worker-status.ts');
    const status = await askWorkerStatus(workerDir(flags['data-dir']), flags.timeout);
    this.print(formatWorkerStatus(status, Date.now()));
    return status;
  }
}
