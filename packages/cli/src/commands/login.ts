import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../base-command.ts';
import { oneTimeCodeFlag } from '../flags.ts';

export default class Login extends BaseCommand {
  static override summary =
    'Sign in to an orchestrator; the tokens go to the keychain, or to an encrypted file.';
  static override description =
    'They are bound to the address: no other gets them. RIOS_KEYSTORE=auto|keychain|file chooses where they are kept.';
  static override examples = [
    '<%= config.bin %> login --api-url https://lab.example',
    '<%= config.bin %> login --email ada@example.org --password-stdin < password.txt',
  ];
  static override flags = {
    email: Flags.string({ summary: 'Address of the account.', env: 'RIOS_EMAIL' }),
    'password-stdin': Flags.boolean({
      summary: 'Read the password of the account from stdin; a second line is the code, if one is needed.',
    }),
    code: oneTimeCodeFlag({ summary: 'Six digits of the authenticator app; recovery codes go by stdin.' }),
  };

  async run() {
    const { flags } = await this.parse(Login);
    const { login } = await import('../actions/login.ts');
    const { createCredentials } = await import('../actions/credentials.ts');
    const credentials = createCredentials(
      { email: flags.email, passwordStdin: flags['password-stdin'], code: flags.code },
      this.asking(flags),
    );
    const { timeout: timeoutMs } = flags;
    const report = await login({ ...this.target(flags), credentials, timeoutMs, signal: this.signal });
    this.remark(
      `signed in to ${report.apiUrl} as ${report.account} (tokens in the ${report.keystore})`,
      flags,
    );
    return report;
  }
}
