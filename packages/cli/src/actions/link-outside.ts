import type { Client } from '@rios/sdk/api/client';
import { hasCode } from '@rios/sdk/errors/error';
import type { OutsideIdentityView, StartedOutside } from '@rios/sdk/schema/outside';
import { awaitOutside } from './await-outside.ts';
import { type Credentials, clientName } from './login.ts';

export interface LinkOutsideOptions {
  readonly client: Client;
  readonly login: string;
  readonly credentials: Pick<Credentials, 'password' | 'code' | 'firstCode'>;
  readonly onStart: (started: StartedOutside) => void;
  readonly signal: AbortSignal;
}

/** What the account asks for before it takes another way in: found out by asking, step by step. */
async function begin({ client, login, credentials, signal }: LinkOutsideOptions): Promise<StartedOutside> {
  const proof: { password?: string; code?: string } = {};
  if (credentials.firstCode !== undefined) proof.code = credentials.firstCode;
  for (;;) {
    try {
      const body = { client: clientName(), ...proof };
      return await client.linkOutside({ params: { id: login }, body, signal });
    } catch (error) {
      if (hasCode(error, 'AUTH_PASSWORD_NEEDED') && proof.password === undefined) {
        proof.password = await credentials.password();
      } else if (hasCode(error, 'AUTH_SECOND_FACTOR') && proof.code === undefined) {
        proof.code = await credentials.code();
      } else throw error;
    }
  }
}

/**
 * Links an identity at an outside provider to the account that is signed in.
 * @throws RiosError AUTH_LOGIN_FAILED, AUTH_OUTSIDE_*, CONFLICT_EXISTS, NOT_FOUND, USER_INPUT_NEEDED
 */
export async function linkOutside(options: LinkOutsideOptions): Promise<OutsideIdentityView> {
  const started = await begin(options);
  options.onStart(started);
  const { client, signal } = options;
  return awaitOutside(started, () => client.completeLink({ body: { claim: started.claim }, signal }), signal);
}
