import { BaseCommand } from '../../../base-command.ts';

export default class AuthSessionList extends BaseCommand {
  static override summary = 'List where you are signed in.';

  async run() {
    const { flags } = await this.parse(AuthSessionList);
    const client = await this.client(flags);
    const { formatSessions } = await import('../../../print/sign-ins.ts');
    const answer = await client.listSessions({ signal: this.signal });
    this.print(formatSessions(answer.sessions, Date.now()));
    return answer;
  }
}
