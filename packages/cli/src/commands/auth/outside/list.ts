import { BaseCommand } from '../../../base-command.ts';

export default class AuthOutsideList extends BaseCommand {
  static override summary =
    'List the outside logins that there are, and the identities that open your account.';
  static override description = 'Without a login: only the outside logins.';

  async run() {
    const { flags } = await this.parse(AuthOutsideList);
    const { formatOutside } = await import('../../../print/sign-ins.ts');
    const { listOutside } = await import('../../../actions/list-outside.ts');
    const answer = await listOutside(await this.client(flags), this.signal);
    this.print(formatOutside(answer, Date.now()));
    return answer;
  }
}
