import { RiosError } from '@rios/sdk/errors/error';
import type { Asking } from '../prompts/confirm.ts';
import { ask } from './ask.ts';

/**
 * Asks for a new password, twice, since nobody sees it.
 * @throws RiosError USER_INPUT_NEEDED, USER_INVALID_REQUEST (the two differ)
 */
export async function askNewPassword(
  asking: Pick<Asking, 'json' | 'noInput'>,
  otherwise: string,
): Promise<string> {
  const password = await ask({ message: 'New password', secret: true, otherwise }, asking);
  const again = await ask({ message: 'New password again', secret: true, otherwise }, asking);
  if (password === again) return password;
  throw new RiosError('USER_INVALID_REQUEST', 'the two passwords differ');
}
