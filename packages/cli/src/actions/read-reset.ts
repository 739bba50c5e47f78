import { RiosError } from '@rios/sdk/errors/error';
import type { Asking } from '../prompts/confirm.ts';
import { ask, readSecretLines } from './ask.ts';
import { askNewPassword } from './new-password.ts';

/** The mailed token and the new password: two lines of stdin, or the terminal. Throws USER_INPUT_NEEDED. */
export async function readReset(
  fromStdin: boolean,
  asking: Pick<Asking, 'json' | 'noInput'>,
): Promise<{ token: string; password: string }> {
  const otherwise = 'Add --token-stdin.';
  if (!fromStdin) {
    const token = await ask({ message: 'Mailed token', secret: true, otherwise }, asking);
    return { token, password: await askNewPassword(asking, otherwise) };
  }
  const [token, password = ''] = await readSecretLines('the mailed token');
  if (password !== '') return { token, password };
  throw new RiosError('USER_INPUT_NEEDED', 'the new password is missing on stdin', {
    hint: 'Write it as the second line.',
  });
}
