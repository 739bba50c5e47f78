import { readFile } from 'node:fs/promises';
import { RiosError } from '@rios/sdk/errors/error';
import type { PasswordSource } from '@rios/sdk/wallet/key-store';
import { ask } from '../actions/ask.ts';
import { askNewPassword } from '../actions/new-password.ts';
import type { Asking } from '../prompts/confirm.ts';
import { createSecretLines, type SecretLines } from './secret-lines.ts';

const MIN_PASSWORD_CHARS = 12;
const OTHERWISE = 'Add --password-stdin, or put it in a file that RIOS_WALLET_PASSWORD_FILE names.';

/** Variables are seen by every child process and in dumps: a password may only stand in a file that one names. */
function refuseVariable(): void {
  if (!process.env.RIOS_WALLET_PASSWORD) return;
  throw new RiosError(
    'USER_INVALID_REQUEST',
    'RIOS_WALLET_PASSWORD is set: a password in a variable is no secret',
    {
      hint: 'Put it in a file (chmod 600) that RIOS_WALLET_PASSWORD_FILE names, or use --password-stdin.',
    },
  );
}

async function readPasswordFile(file: string): Promise<string> {
  const [line = ''] = (await readFile(file, 'utf8')).split(/\r?\n/);
  if (line !== '') return line;
  throw new RiosError('USER_INPUT_NEEDED', `${file} has no password in its first line`, { hint: OTHERWISE });
}

function checkStrength(password: string): string {
  if (password.length >= MIN_PASSWORD_CHARS) return password;
  throw new RiosError(
    'USER_PASSWORD_WEAK',
    `a wallet needs a password of at least ${MIN_PASSWORD_CHARS} characters`,
  );
}

/**
 * Passwords of wallets: stdin where it is asked for, else the file that RIOS_WALLET_PASSWORD_FILE names, else the
 * terminal. Its methods throw USER_INPUT_NEEDED where there is no way to one, USER_PASSWORD_WEAK for a new one.
 */
export function createPasswords(
  given: { readonly passwordStdin: boolean; readonly asking: Pick<Asking, 'json' | 'noInput'> },
  lines: SecretLines = createSecretLines(),
): PasswordSource {
  const { passwordStdin, asking } = given;
  let known: string | undefined;
  refuseVariable();

  async function read(what: string, askFor: () => Promise<string>): Promise<string> {
    if (passwordStdin) return lines.next(`the password of ${what}`);
    const file = process.env.RIOS_WALLET_PASSWORD_FILE;
    return file ? readPasswordFile(file) : askFor();
  }

  return {
    async current(what) {
      known ??= await read(what, () =>
        ask({ message: `Password of ${what}`, secret: true, otherwise: OTHERWISE }, asking),
      );
      return known;
    },
    async fresh(what) {
      // a script that has given one password means it for both, unless another line follows
      const next = passwordStdin && known !== undefined ? ((await lines.maybe()) ?? known) : undefined;
      return checkStrength(next ?? (await read(what, () => askNewPassword(asking, OTHERWISE))));
    },
  };
}
