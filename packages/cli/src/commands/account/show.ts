import { BaseCommand } from '../../base-command.ts';

export default class AccountShow extends BaseCommand {
  static override summary = 'The account that is signed in: the same as rios whoami.';

  async run() {
    const { flags } = await this.parse(AccountShow);
    const client = await this.client(flags);
    const { formatWhoami } = await import('../../print/accounts.ts');
    const who = await client.whoami({ signal: this.signal });
    this.print(formatWhoami(who));
    return who;
  }
}
