import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../../base-command.ts';

export default class AuthTokenRevoke extends BaseCommand {
  static override summary = 'Revoke an API token: it works nowhere any more.';
  static override args = { token: Args.string({ description: 'Id of the token.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(AuthTokenRevoke);
    const client = await this.client(flags);
    const view = await client.revokeToken({ params: { id: args.token }, signal: this.signal });
    this.remark(`revoked ${view.id}`, flags);
    return view;
  }
}
