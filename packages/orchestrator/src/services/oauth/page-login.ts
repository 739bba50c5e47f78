import { RiosError } from '@rios/sdk/errors/error';
import { loginSchema } from '@rios/sdk/schema/account';
import type { UserRow } from '../../store/users.ts';
import { proveLogin } from '../users/login.ts';
import type { UserModules } from '../users/modules.ts';

/** Logs in by the fields of a login form. @throws RiosError as login does; AUTH_LOGIN_FAILED for malformed fields */
export async function loginByForm(
  modules: UserModules,
  form: URLSearchParams,
  address: string,
): Promise<UserRow> {
  const code = form.get('code')?.trim() ?? '';
  const parsed = loginSchema.safeParse({
    email: form.get('email')?.trim(),
    password: form.get('password'),
    ...(code === '' ? {} : { code }),
  });
  if (!parsed.success) {
    throw new RiosError('AUTH_LOGIN_FAILED', 'the address, the password or the code is wrong');
  }
  return proveLogin(modules, parsed.data, address);
}

/** What a page says of an error that the person can do something about; undefined for any other. */
export function tellPerson(error: unknown): { status: number; text: string } | undefined {
  if (!(error instanceof RiosError) || error.status >= 500) return undefined;
  const { status, message, hint, details } = error;
  const waitMs = details?.retryAfterMs;
  const next = typeof waitMs === 'number' ? `Wait ${Math.ceil(waitMs / 1000)} s.` : hint;
  return { status, text: `${message}. ${next}` };
}
