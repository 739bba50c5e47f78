import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../../base-command.ts';

export default class AuthTotpEnable extends BaseCommand {
  static override summary = 'Begin a second factor: a secret for an authenticator app.';
  static override description =
    'It counts once a code has proved it: asked for here on a terminal, else by rios auth totp confirm.';
  static override flags = {
    'password-stdin': Flags.boolean({ summary: 'Read the password of the account from stdin.' }),
  };

  async run() {
    const { flags } = await this.parse(AuthTotpEnable);
    const { createCredentials } = await import('../../../actions/credentials.ts');
    const { canPrompt } = await import('../../../prompts/confirm.ts');
    const { formatCodes, formatTotp } = await import('../../../print/sign-ins.ts');
    const given = { email: undefined, passwordStdin: flags['password-stdin'], code: undefined };
    const client = await this.secretClient(flags);
    const password = await createCredentials(given, this.asking(flags)).password();
    const { secret, uri } = await client.enrolTotp({ body: { password }, signal: this.signal });
    this.print(formatTotp(secret, uri));
    if (!canPrompt(this.asking(flags))) {
      this.remark('then: rios auth totp confirm --code <six digits of the app>', flags);
      return { secret, uri, recoveryCodes: null };
    }
    const { ask } = await import('../../../actions/ask.ts');
    const code = await ask({ message: 'Code of the app', otherwise: '' }, this.asking(flags));
    const { recoveryCodes } = await client.confirmTotp({ body: { code }, signal: this.signal });
    this.print(formatCodes(recoveryCodes));
    return { secret, uri, recoveryCodes };
  }
}
