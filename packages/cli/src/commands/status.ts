import { BaseCommand } from '../base-command.ts';

export default class Status extends BaseCommand {
  static override summary = 'Workers, models, requests and recent events of the network.';

  async run() {
    const { flags } = await this.parse(Status);
    const client = await this.client(flags);
    const { formatStatus } = await import('../print/status.ts');
    const status = await client.status({ signal: this.signal });
    this.print(formatStatus(status, Date.now()));
    return status;
  }
}
