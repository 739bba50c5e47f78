import { BaseCommand } from '../../base-command.ts';

export default class WorkerList extends BaseCommand {
  static override summary = 'List the workers of the network.';

  async run() {
    const { flags } = await this.parse(WorkerList);
    const client = await this.client(flags);
    const { formatWorkers } = await import('../../print/workers.ts');
    const answer = await client.listWorkers({ signal: this.signal });
    this.print(formatWorkers(answer.workers, Date.now()));
    return answer;
  }
}
