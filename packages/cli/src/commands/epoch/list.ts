import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class EpochList extends BaseCommand {
  static override summary = 'List epochs, the newest first: what was settled, and how far it is.';
  static override flags = {
    limit: Flags.integer({ summary: 'How many.', default: 20, min: 1, max: 100 }),
    before: Flags.integer({ summary: 'Only those before this one.', min: 1 }),
  };

  async run() {
    const { flags } = await this.parse(EpochList);
    const { limit, before } = flags;
    const client = await this.client(flags);
    const { formatEpochs } = await import('../../print/epochs.ts');
    const query = before === undefined ? { limit } : { limit, before };
    const answer = await client.listEpochs({ query, signal: this.signal });
    this.print(formatEpochs(answer.epochs, Date.now()));
    return answer;
  }
}
