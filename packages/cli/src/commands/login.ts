import * as Flags from '@oclif/core/flags';
import type { DeviceEvent } from '@rios/sdk/schema/cli-results';
import type { DeviceCode } from '@rios/sdk/schema/oauth';
import { BaseCommand, type GlobalFlags } from '../base-command.ts';
import { oneTimeCodeFlag } from '../flags.ts';
import { cleanText } from '../print/clean.ts';

interface LoginFlags extends GlobalFlags {
  readonly device: boolean;
  readonly with?: string | undefined;
  readonly email?: string | undefined;
  readonly code?: string | undefined;
  readonly 'password-stdin': boolean;
}

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
    const signIn = await this.#chooseSignIn(flags);
    const report = await login({ ...this.target(flags), signIn });
    this.remark(
      `signed in to ${report.apiUrl} as ${report.account} (tokens in the ${report.keystore})`,
      flags,
    );
    return report;
  }

  async #chooseSignIn(flags: LoginFlags) {
    const { timeout: timeoutMs, email } = flags;
    const passwordStdin = flags['password-stdin'];
    const given = email !== undefined || passwordStdin || flags.code !== undefined;
    const { createCredentials } = await import('../actions/credentials.ts');
    const credentials = createCredentials({ email, passwordStdin, code: flags.code }, this.asking(flags));
    const common = { timeoutMs, signal: this.signal };
    if (flags.with !== undefined) {
      const { outsideSignIn } = await import('../actions/login-outside.ts');
      return outsideSignIn({
        ...common,
        login: flags.with,
        credentials,
        show: (one) => this.showOutside(one),
      });
    }
    const { canPrompt } = await import('../prompts/confirm.ts');
    if (flags.device || (!given && canPrompt(this.asking(flags)))) {
      const { deviceSignIn } = await import('../actions/device-login.ts');
      return deviceSignIn({ ...common, show: (code) => this.#show(code) });
    }
    const { passwordSignIn } = await import('../actions/login.ts');
    return passwordSignIn({ ...common, credentials });
  }

  /** Said even with --quiet: without it nobody could go on. */
  #show(code: DeviceCode) {
    const { user_code: userCode, verification_uri: url, verification_uri_complete: link } = code;
    const event: DeviceEvent = { type: 'device', userCode, url, link, expiresInMs: code.expires_in * 1000 };
    this.event(event);
    process.stderr.write(
      `Open ${cleanText(link)}\nand check that it shows the code ${cleanText(userCode)}; or in a terminal that is logged in:\n` +
        `rios auth device approve ${cleanText(userCode)}\n`,
    );
  }
}
