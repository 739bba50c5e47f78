import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../base-command.ts';

export default class Signup extends BaseCommand {
  static override summary = 'Ask for an account; a mailed token makes it.';
  static override examples = [
    '<%= config.bin %> signup --email ada@example.org',
    '<%= config.bin %> signup --email ada@example.org --name Ada --password-stdin < password.txt',
  ];
  static override flags = {
    email: Flags.string({ summary: 'Address of the new account.', env: 'RIOS_EMAIL' }),
    name: Flags.string({ summary: 'Name to show; by default what stands before the @.' }),
    'password-stdin': Flags.boolean({ summary: 'Read the password from stdin, its first line.' }),
  };

  async run() {
    const { flags } = await this.parse(Signup);
    const { ask, readSecretLines } = await import('../actions/ask.ts');
    const { askNewPassword } = await import('../actions/new-password.ts');
    const asking = this.asking(flags);
    const client = await this.secretClient(flags);
    const email = flags.email ?? (await ask({ message: 'Email', otherwise: 'Add --email.' }, asking));
    const password = flags['password-stdin']
      ? (await readSecretLines('the password'))[0]
      : await askNewPassword(asking, 'Add --password-stdin.');
    const displayName = flags.name ?? (email.split('@')[0] || email);
    const answer = await client.signUp({ body: { email, password, displayName }, signal: this.signal });
    this.remark(`a token was mailed to ${email}: rios account verify`, flags);
    return { ...answer, email };
  }
}
