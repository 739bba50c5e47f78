import { createClient } from '@rios/sdk/api/client';
import { hasCode } from '@rios/sdk/errors/error';
import type { StartedOutside } from '@rios/sdk/schema/outside';
import { awaitOutside } from './await-outside.ts';
import { type Credentials, clientName, type LoginOptions } from './login.ts';

export interface OutsideSignInOptions {
  /** Id of the outside login: see rios auth outside list. */
  readonly login: string;
  readonly credentials: Pick<Credentials, 'code' | 'firstCode'>;
  /** Tells a person where to go. */
  readonly show: (started: StartedOutside) => void;
  readonly timeoutMs?: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Signs in by an outside provider: the person opens an address anywhere, and says yes there; this machine asks until
 * then. Nothing listens here, so it works over ssh.
 * @throws RiosError NOT_FOUND (no such login), AUTH_OUTSIDE_*, AUTH_SECOND_FACTOR, AUTH_LOGIN_FAILED
 */
export const outsideSignIn =
  ({ login, credentials, show, timeoutMs, signal }: OutsideSignInOptions): LoginOptions['signIn'] =>
  async (apiUrl) => {
    const client = createClient({ apiUrl, timeoutMs });
    const body = { client: clientName() };
    const started = await client.startOutside({ params: { id: login }, body, signal });
    show(started);
    const { claim } = started;
    const take = (code: string | undefined) =>
      client.completeOutside({ body: { claim, ...(code === undefined ? {} : { code }) }, signal });
    const tokens = await awaitOutside(started, () => take(credentials.firstCode), signal).catch(
      async (error: unknown) => {
        if (!hasCode(error, 'AUTH_SECOND_FACTOR')) throw error;
        return take(await credentials.code());
      },
    );
    const { name } = await createClient({ apiUrl, token: tokens.accessToken, timeoutMs }).whoami({ signal });
    return { account: name, tokens };
  };
