import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { dataDirFlag } from '../../flags.ts';

const DEFAULT_TIMEOUT_MS = 60_000;

export default class WorkerStop extends BaseCommand {
  static override summary = 'Stop the worker of this machine: it drains first.';
  static override flags = {
    ...dataDirFlag('RIOS_DATA_DIR'),
    force: Flags.boolean({ summary: 'Kill it when it does not stop in time.' }),
  };

  async run() {
    const { flags } = await this.parse(WorkerStop);
    const { stopWorker } = await import('../../actions/worker/stop.ts');
    const { workerDir } = await import('../../actions/data-dirs.ts');
    const timeoutMs = flags.timeout ?? DEFAULT_TIMEOUT_MS;
    const dataDir = workerDir(flags['data-dir']);
    const report = await stopWorker({ dataDir, timeoutMs, force: flags.force, signal: this.signal });
    this.remark(`stopped process ${report.pid}`, flags);
    return report;
  }
}
