import { BaseCommand } from '../../../base-command.ts';

export default class NetworkInviteList extends BaseCommand {
  static override summary = 'List invites and who used them; never their secrets.';

  async run() {
    const { flags } = await this.parse(NetworkInviteList);
    const client = await this.client(flags);
    const { formatInvites } = await import('../../../print/invites.ts');
    const answer = await client.listInvites({ signal: this.signal });
    this.print(formatInvites(answer.invites, Date.now()));
    return answer;
  }
}
