import type { Asking } from '../prompts/confirm.ts';
import { ask, readSecretLines } from './ask.ts';
import type { Credentials } from './login.ts';

/** What `rios login` was given on the command line: never the password itself. */
export interface GivenCredentials {
  readonly email: string | undefined;
  readonly passwordStdin: boolean;
  readonly code: string | undefined;
}

const CODE = {
  message: 'Authenticator or recovery code',
  otherwise: 'Add --code, or write it as the second line of stdin, after the password.',
};

/** Flags and stdin first, then the terminal; where nobody can be asked, what is missing is an error. */
export function createCredentials(
  given: GivenCredentials,
  asking: Pick<Asking, 'json' | 'noInput'>,
): Credentials {
  const { email, passwordStdin, code } = given;
  let lines: Promise<[string, ...string[]]> | undefined;
  const fromStdin = () => {
    lines ??= readSecretLines('the password');
    return lines;
  };
  return {
    firstCode: code,
    email: async () => email ?? ask({ message: 'Email', otherwise: 'Add --email.' }, asking),
    password: () =>
      passwordStdin
        ? fromStdin().then(([password]) => password)
        : ask({ message: 'Password', secret: true, otherwise: 'Add --password-stdin.' }, asking),
    code: async () => {
      const given = passwordStdin ? (await fromStdin())[1] : undefined;
      return given || ask(CODE, asking);
    },
  };
}
