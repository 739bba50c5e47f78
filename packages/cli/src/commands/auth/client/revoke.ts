import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../../base-command.ts';

export default class AuthClientRevoke extends BaseCommand {
  static override summary = 'Revoke a program: its secret and its tokens work nowhere any more.';
  static override args = { client: Args.string({ description: 'Id of the program.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(AuthClientRevoke);
    const client = await this.client(flags);
    const view = await client.revokeOauthClient({ params: { id: args.client }, signal: this.signal });
    this.remark(`revoked ${view.id}`, flags);
    return view;
  }
}
