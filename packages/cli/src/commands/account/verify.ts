import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class AccountVerify extends BaseCommand {
  static override summary = 'Make the account that was asked for, by the token that was mailed to you.';
  static override flags = {
    'token-stdin': Flags.boolean({ summary: 'Read the mailed token from stdin, its first line.' }),
  };

  async run() {
    const { flags } = await this.parse(AccountVerify);
    const { ask, readSecretLines } = await import('../../actions/ask.ts');
    const question = { message: 'Mailed token', secret: true, otherwise: 'Add --token-stdin.' };
    const client = await this.secretClient(flags);
    const token = flags['token-stdin']
      ? (await readSecretLines('the mailed token'))[0]
      : await ask(question, this.asking(flags));
    const answer = await client.verifyEmail({ body: { token }, signal: this.signal });
    this.remark('the account is made: rios login', flags);
    return answer;
  }
}
