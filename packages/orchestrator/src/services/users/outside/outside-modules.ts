import { RiosError } from '@rios/sdk/errors/error';
import { z } from 'zod';
import type { OutsideLogins } from '../../../auth/outside/open-providers.ts';
import type { OutsideIdentity, OutsideProvider } from '../../../auth/outside/outside-provider.ts';
import type { OutsideAttemptRow } from '../../../store/outside-attempts.ts';
import { SEALED_COLUMNS, sealedContext } from '../../../store/sealed-columns.ts';
import type { UserModules } from '../modules.ts';

/** What the functions of outside logins work with. */
export interface OutsideModules extends UserModules {
  readonly outside: OutsideLogins;
}

/** How long a person has to log in at the provider and to come back. */
export const ATTEMPT_TTL_MS = 10 * 60_000;

/** @throws RiosError NOT_FOUND for a login that this network does not offer */
export function providerOf({ outside }: OutsideModules, id: string): OutsideProvider {
  const provider = outside.providers.get(id);
  if (provider !== undefined) return provider;
  const known = [...outside.providers.keys()];
  throw new RiosError('NOT_FOUND', `this network has no outside login ${id}`, {
    hint: known.length === 0 ? 'It has none; log in with a password.' : `It has: ${known.join(', ')}.`,
  });
}

/** Where a provider sends browsers back to; registered there by the operator. */
export const redirectUriOf = ({ outside }: OutsideModules, id: string): string =>
  `${outside.publicUrl()}/v1/auth/outside/${id}/callback`;

/** What an attempt keeps sealed until its state comes back. */
export const sealedSchema = z.object({ verifier: z.string(), nonce: z.string() });
/** What the envelope of an attempt is bound to. */
export const attemptContext = ({ state_sha256 }: Pick<OutsideAttemptRow, 'state_sha256'>): string =>
  sealedContext(SEALED_COLUMNS.outsideAttempt, state_sha256);

const storedIdentitySchema = z.object({
  issuer: z.string(),
  subject: z.string(),
  email: z.string().optional(),
  displayName: z.string().optional(),
});

/** The identity that an attempt has proved. */
export function readIdentity(json: string): OutsideIdentity {
  const { issuer, subject, email, displayName } = storedIdentitySchema.parse(JSON.parse(json));
  return { issuer, subject, email, displayName };
}

/** Unknown, expired and used attempts are told alike. */
export const attemptEnded = (): RiosError =>
  new RiosError('AUTH_OUTSIDE_ENDED', 'the outside login is unknown, used or expired');
