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
    '<%= config.bin %> login --device --events',
    '<%= config.bin %> login --with google',
    '<%= config.bin %> login --email ada@example.org --password-stdin < password.txt',
  ];
  static override flags = {
    device: Flags.boolean({
      summary:
        'Sign in by a code that you enter in a browser, or by rios auth device approve; the default on a terminal without --email.',
    }),
    with: Flags.string({
      summary:
        'Sign in by an outside provider, in any browser; rios auth outside list shows which there are.',
      exclusive: ['password-stdin', 'device'],
    }),
    email: Flags.string({ summary: 'Address of the account.', env: 'RIOS_EMAIL' }),
    'password-stdin': Flags.boolean({
      summary: 'Read the password of the account from stdin; a second line is the code, if one is needed.',
    }),
    code: oneTimeCodeFlag({ summary: 'Six digits of the authenticator app; recovery codes go by stdin.' }),
  };

  async run() {
    const { flags } = await this.parse(Login);
    const { login } = await import('../actions/login.ts');
    const { chooseSignIn } = await import('../actions/choose-sign-in.ts');
    const signIn = await chooseSignIn({
      device: flags.device,
      outside: flags.with,
      email: flags.email,
      passwordStdin: flags['password-stdin'],
      code: flags.code,
      asking: this.asking(flags),
      tell: (where) => this.tellWhere(where),
      timeoutMs: flags.timeout,
      signal: this.signal,
    });
    const report = await login({ ...this.target(flags), signIn });
    const { apiUrl, account, keystore } = report;
    this.remark(`signed in to ${apiUrl} as ${account} (tokens in the ${keystore})`, flags);
    return report;
  }
}
