import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../base-command.ts';

export default class WorkerDescribe extends BaseCommand {
  static override summary = 'Show one worker of the network: its offer, parts and state.';
  static override args = { worker: Args.string({ description: 'Id of the worker.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(WorkerDescribe);
    const client = await this.client(flags);
    const { formatWorker } = await import('../../print/workers.ts');
    const worker = await client.getWorker({ params: { id: args.worker }, signal: this.signal });
    this.print(formatWorker(worker, Date.now()));
    return worker;
  }
}
