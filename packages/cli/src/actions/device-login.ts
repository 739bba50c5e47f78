import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@rios/sdk/api/client';
import { createOauth, type DeviceAnswer, type OauthApi } from '@rios/sdk/api/oauth';
import { RiosError } from '@rios/sdk/errors/error';
import type { SessionTokens } from '@rios/sdk/schema/account';
import type { DeviceCode } from '@rios/sdk/schema/oauth';
import { clientName, type LoginOptions } from './login.ts';

/** How much longer to wait between two questions when the server asks for it (RFC 8628, section 3.5). */
const SLOWER_MS = 5000;

export interface DeviceLoginOptions {
  /** Shows a person the code and where to enter it. */
  readonly show: (code: DeviceCode) => void;
  readonly timeoutMs?: number | undefined;
  readonly signal: AbortSignal;
}

/** Signs in by a code that a person enters elsewhere: in a browser, or in a terminal that is logged in. */
export const deviceSignIn =
  ({ show, timeoutMs, signal }: DeviceLoginOptions): LoginOptions['signIn'] =>
  async (apiUrl) => {
    const oauth = createOauth({ apiUrl });
    const code = await oauth.beginDevice(clientName(), signal);
    show(code);
    const tokens = await waitForPerson(oauth, code, { timeoutMs, signal });
    const { name } = await createClient({ apiUrl, token: tokens.accessToken }).whoami({ signal });
    return { account: name, tokens };
  };

/** A server that is away for a while loses nothing of the flow. */
async function askOrWait(oauth: OauthApi, code: DeviceCode, signal: AbortSignal): Promise<DeviceAnswer> {
  try {
    return await oauth.askDevice(code.device_code, signal);
  } catch (error) {
    if (error instanceof RiosError && error.retryable) return { kind: 'pending' };
    throw error;
  }
}

async function waitForPerson(
  oauth: OauthApi,
  code: DeviceCode,
  { timeoutMs = code.expires_in * 1000, signal }: Omit<DeviceLoginOptions, 'show'>,
): Promise<SessionTokens> {
  const until = Date.now() + Math.min(timeoutMs, code.expires_in * 1000);
  let intervalMs = code.interval * 1000;
  while (Date.now() < until) {
    await sleep(intervalMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    const answer = await askOrWait(oauth, code, signal);
    if (answer.kind === 'tokens') return answer.tokens;
    if (answer.kind === 'slower') intervalMs += SLOWER_MS;
  }
  throw new RiosError('API_TIMEOUT', 'nobody entered the code in time', { hint: 'Begin again: rios login.' });
}
