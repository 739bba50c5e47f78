import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { dataDirFlag } from '../../flags.ts';

export default class WorkerEarnings extends BaseCommand {
  static override summary = 'What a worker earned: its own signed receipts beside the lines of the ledger.';
  static override description =
    'The worker of this machine keeps every receipt that it signs. Each is compared with what the orchestrator paid; ' +
    'where they differ, the request is shown with the reason. Of another worker, only the ledger is shown.';
  static override args = {
    worker: Args.string({ description: 'Id or name; left out, the worker of this machine.' }),
  };
  static override flags = {
    ...dataDirFlag('RIOS_DATA_DIR'),
    since: Flags.string({ summary: 'How far back.', default: '30d' }),
  };

  async run() {
    const { args, flags } = await this.parse(WorkerEarnings);
    const { compareOwnEarnings } = await import('../../actions/worker/earnings.ts');
    const { whichWorker } = await import('../../actions/stake/which-worker.ts');
    const { workerDir } = await import('../../actions/data-dirs.ts');
    const { parseDuration } = await import('../../duration.ts');
    const { formatEarnings } = await import('../../print/earnings.ts');
    const from = Date.now() - parseDuration(flags.since);
    const own = workerDir(flags['data-dir']);
    const client = () => this.client(flags);
    const worker = await whichWorker({ worker: args.worker, dataDir: own, client });
    const report = await compareOwnEarnings({
      worker,
      dataDir: own,
      client: await client(),
      from,
      signal: this.signal,
    });
    this.print(formatEarnings(report));
    return report;
  }
}
