import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class AccountReset extends BaseCommand {
  static override summary = 'Have a token mailed that sets a new password.';
  static override flags = {
    email: Flags.string({ summary: 'Address of the account.', env: 'RIOS_EMAIL' }),
  };

  async run() {
    const { flags } = await this.parse(AccountReset);
    const { ask } = await import('../../actions/ask.ts');
    const client = await this.client(flags);
    const question = { message: 'Email', otherwise: 'Add --email.' };
    const email = flags.email ?? (await ask(question, this.asking(flags)));
    const answer = await client.requestReset({ body: { email }, signal: this.signal });
    this.remark(`if ${email} has an account, a token was mailed: rios account reset confirm`, flags);
    return { ...answer, email };
  }
}
