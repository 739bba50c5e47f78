import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../../base-command.ts';

export default class AuthAuditList extends BaseCommand {
  static override summary = 'Who did what: the audit log of the network, newest first.';
  static override flags = {
    before: Flags.integer({
      summary: 'Only entries before this number; from the newest by default.',
      min: 0,
    }),
    limit: Flags.integer({ summary: 'How many at most.', min: 1, max: 500, default: 100 }),
  };

  async run() {
    const { flags } = await this.parse(AuthAuditList);
    const client = await this.client(flags);
    const { formatAudit } = await import('../../../print/accounts.ts');
    const { before = Number.MAX_SAFE_INTEGER, limit } = flags;
    const answer = await client.listAudit({ query: { before, limit }, signal: this.signal });
    this.print(formatAudit(answer.entries));
    return answer;
  }
}
