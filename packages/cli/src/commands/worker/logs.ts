import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { dataDirFlag } from '../../flags.ts';

export default class WorkerLogs extends BaseCommand {
  static override summary = 'Print the log of the worker of this machine (JSON lines).';
  static override flags = {
    ...dataDirFlag('RIOS_DATA_DIR'),
    follow: Flags.boolean({ char: 'f', summary: 'Go on as the log grows.' }),
    lines: Flags.integer({ char: 'n', summary: 'How many lines to start with.', default: 100, min: 0 }),
  };

  async run() {
    const { flags } = await this.parse(WorkerLogs);
    const { tailWorkerLog } = await import('../../actions/worker/logs.ts');
    const { workerDir } = await import('../../actions/data-dirs.ts');
    const dataDir = workerDir(flags['data-dir']);
    const { lines, follow } = flags;
    const write = (chunk: Uint8Array) => process.stdout.write(chunk);
    await tailWorkerLog({ dataDir, lines, follow, signal: this.signal, write });
  }
}
