import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../../base-command.ts';

export default class AuthSessionRevoke extends BaseCommand {
  static override summary = 'End a session at once, wherever it is.';
  static override args = { session: Args.string({ description: 'Id of the session.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(AuthSessionRevoke);
    const client = await this.client(flags);
    const answer = await client.revokeSession({ params: { id: args.session }, signal: this.signal });
    this.remark(`ended ${args.session}`, flags);
    return { ...answer, id: args.session };
  }
}
