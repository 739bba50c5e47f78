import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../../base-command.ts';

export default class NetworkInviteRevoke extends BaseCommand {
  static override summary = 'Revoke an invite: nobody can join by it any more.';
  static override args = { invite: Args.string({ description: 'Id of the invite.', required: true }) };

  async run() {
    const { args, flags } = await this.parse(NetworkInviteRevoke);
    const client = await this.client(flags);
    const view = await client.revokeInvite({ params: { id: args.invite }, signal: this.signal });
    this.remark(`revoked ${view.id}`, flags);
    return view;
  }
}
