import { RiosError } from '@rios/sdk/errors/error';
import type { Asker } from '../auth/ownership.ts';
import type { AppRoute } from './app-routes.ts';

export interface AccessModules {
  /** Who a token stands for; undefined when it is not valid. */
  readonly findCaller: (token: string) => Promise<Asker | undefined>;
  /** Whether a caller may see what an account owns. */
  readonly mayRead: (caller: Asker, accountId: string) => Promise<boolean>;
}

/** Lets a visitor in, by the application's rule. Throws AUTH_REQUIRED, AUTH_FORBIDDEN. */
export type CheckAccess = (
  route: Pick<AppRoute, 'access' | 'accountId'>,
  token: string | undefined,
) => Promise<void>;

/** public: everybody. token: whoever has a valid token of this network. organisation: the owner, and its members. */
export function createAccess({ findCaller, mayRead }: AccessModules): CheckAccess {
  return async ({ access, accountId }, token) => {
    if (access === 'public') return;
    const caller = token === undefined ? undefined : await findCaller(token);
    if (caller === undefined || caller.role === null) {
      throw new RiosError('AUTH_REQUIRED', 'this application is not public', {
        hint: 'Send a RiOS token: Authorization: Bearer <token>, or X-Rios-Token: <token>.',
      });
    }
    if (access === 'organisation' && !(await mayRead(caller, accountId)))
      throw new RiosError('AUTH_FORBIDDEN', 'this application is for the organisation that owns it');
  };
}
