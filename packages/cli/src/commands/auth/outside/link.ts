import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../../base-command.ts';
import { oneTimeCodeFlag } from '../../../flags.ts';

export default class AuthOutsideLink extends BaseCommand {
  static override summary = 'Let a login at an outside provider open your account.';
  static override examples = ['<%= config.bin %> auth outside link google'];
  static override args = { login: Args.string({ description: 'Id of the outside login.', required: true }) };
  static override flags = {
    'password-stdin': Flags.boolean({
      summary: 'Read the password of the account from stdin; a second line is the code, if one is needed.',
    }),
    code: oneTimeCodeFlag({ summary: 'Six digits of the authenticator app; recovery codes go by stdin.' }),
  };

  async run() {
    const { args, flags } = await this.parse(AuthOutsideLink);
    const { createCredentials } = await import('../../../actions/credentials.ts');
    const { linkOutside } = await import('../../../actions/link-outside.ts');
    const { outsideWhere } = await import('../../../print/where-to-go.ts');
    const given = { email: undefined, passwordStdin: flags['password-stdin'], code: flags.code };
    const identity = await linkOutside({
      client: await this.secretClient(flags),
      login: args.login,
      credentials: createCredentials(given, this.asking(flags)),
      onStart: (started) => this.tellWhere(outsideWhere(started)),
      signal: this.signal,
    });
    this.remark(`linked ${identity.id}`, flags);
    return identity;
  }
}
