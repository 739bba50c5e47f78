import { RiosError } from '@rios/sdk/errors/error';
import type { Asking } from '../prompts/confirm.ts';
import { ask, readSecretLines } from './ask.ts';
import type { Credentials } from './login.ts';
import { askNewPassword } from './new-password.ts';

export interface PasswordChange extends Pick<Credentials, 'code' | 'firstCode'> {
  readonly password: string;
  readonly newPassword: string;
}

/**
 * The old and the new password, and how to come by a code: lines of stdin, or the terminal.
 * @throws RiosError USER_INPUT_NEEDED, USER_INVALID_REQUEST
 */
export async function readPasswordChange(
  given: { readonly passwordStdin: boolean; readonly code: string | undefined },
  asking: Pick<Asking, 'json' | 'noInput'>,
): Promise<PasswordChange> {
  const otherwise = 'Add --password-stdin.';
  const codeQuestion = {
    message: 'Authenticator or recovery code',
    otherwise: 'Add --code, or a line of stdin.',
  };
  if (!given.passwordStdin) {
    const password = await ask({ message: 'Password', secret: true, otherwise }, asking);
    const newPassword = await askNewPassword(asking, otherwise);
    return { password, newPassword, firstCode: given.code, code: () => ask(codeQuestion, asking) };
  }
  const [password, newPassword = '', line = ''] = await readSecretLines('the password');
  if (newPassword === '') {
    throw new RiosError('USER_INPUT_NEEDED', 'the new password is missing on stdin', {
      hint: 'Write it as the second line.',
    });
  }
  const firstCode = given.code ?? (line || undefined);
  return { password, newPassword, firstCode, code: () => ask(codeQuestion, asking) };
}
