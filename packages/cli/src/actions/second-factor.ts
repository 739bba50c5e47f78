import { hasCode } from '@rios/sdk/errors/error';
import type { Credentials } from './login.ts';

/**
 * Makes a call with the code that was given beforehand, and once more with one that is asked for when the server
 * needs it.
 */
export async function withSecondFactor<T>(
  { code, firstCode }: Pick<Credentials, 'code' | 'firstCode'>,
  call: (code: { code?: string }) => Promise<T>,
): Promise<T> {
  if (firstCode !== undefined) return call({ code: firstCode });
  try {
    return await call({});
  } catch (error) {
    if (!hasCode(error, 'AUTH_SECOND_FACTOR')) throw error;
    return call({ code: await code() });
  }
}
