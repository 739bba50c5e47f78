import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../../base-command.ts';
import { oneTimeCodeFlag } from '../../../flags.ts';

export default class AuthTotpDisable extends BaseCommand {
  static override summary = 'Turn the second factor off.';
  static override flags = {
    'password-stdin': Flags.boolean({ summary: 'Read the password from stdin; a second line is the code.' }),
    code: oneTimeCodeFlag({ summary: 'Six digits of the authenticator app; recovery codes go by stdin.' }),
  };

  async run() {
    const { flags } = await this.parse(AuthTotpDisable);
    const { createCredentials } = await import('../../../actions/credentials.ts');
    const given = { email: undefined, passwordStdin: flags['password-stdin'], code: flags.code };
    const credentials = createCredentials(given, this.asking(flags));
    const client = await this.secretClient(flags);
    const password = await credentials.password();
    const code = credentials.firstCode ?? (await credentials.code());
    const answer = await client.disableTotp({ body: { password, code }, signal: this.signal });
    this.remark('the second factor is off', flags);
    return answer;
  }
}
