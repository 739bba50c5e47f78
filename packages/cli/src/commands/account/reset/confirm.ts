import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../../base-command.ts';

export default class AccountResetConfirm extends BaseCommand {
  static override summary = 'Set a new password by the mailed token; every session ends.';
  static override flags = {
    'token-stdin': Flags.boolean({
      summary: 'Read from stdin: the mailed token, then the new password, a line each.',
    }),
  };

  async run() {
    const { flags } = await this.parse(AccountResetConfirm);
    const { readReset } = await import('../../../actions/read-reset.ts');
    const client = await this.secretClient(flags);
    const body = await readReset(flags['token-stdin'], this.asking(flags));
    const answer = await client.resetPassword({ body, signal: this.signal });
    this.remark('the password is set: rios login', flags);
    return answer;
  }
}
