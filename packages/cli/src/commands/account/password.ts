import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { oneTimeCodeFlag } from '../../flags.ts';

export default class AccountPassword extends BaseCommand {
  static override summary = 'Change the password; every other session ends.';
  static override flags = {
    'password-stdin': Flags.boolean({
      summary: 'Read from stdin: the old password, the new one, and the code if one is needed, a line each.',
    }),
    code: oneTimeCodeFlag({ summary: 'Six digits of the authenticator app; recovery codes go by stdin.' }),
  };

  async run() {
    const { flags } = await this.parse(AccountPassword);
    const { readPasswordChange } = await import('../../actions/password-change.ts');
    const { withSecondFactor } = await import('../../actions/second-factor.ts');
    const client = await this.secretClient(flags);
    const change = await readPasswordChange(
      { passwordStdin: flags['password-stdin'], code: flags.code },
      this.asking(flags),
    );
    const { password, newPassword } = change;
    const answer = await withSecondFactor(change, (code) =>
      client.changePassword({ body: { password, newPassword, ...code }, signal: this.signal }),
    );
    this.remark('the password is changed; other sessions have ended', flags);
    return answer;
  }
}
