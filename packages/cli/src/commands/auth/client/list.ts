import { BaseCommand } from '../../../base-command.ts';

export default class AuthClientList extends BaseCommand {
  static override summary = 'List the programs that you registered; never their secrets.';

  async run() {
    const { flags } = await this.parse(AuthClientList);
    const client = await this.client(flags);
    const { formatPrograms } = await import('../../../print/programs.ts');
    const answer = await client.listOauthClients({ signal: this.signal });
    this.print(formatPrograms(answer.clients, Date.now()));
    return answer;
  }
}
