import { toBase64url } from '@rios/sdk/crypto/hash';
import type { StartedOutside } from '@rios/sdk/schema/outside';
import { createSecret, type Random } from '../../../auth/secret-text.ts';
import { takeAttempt } from '../../../auth/throttle.ts';
import { encodeJson } from '../../../store/json.ts';
import { insertOutsideAttempt } from '../../../store/outside-attempts.ts';
import { addressSubject } from '../modules.ts';
import {
  ATTEMPT_TTL_MS,
  attemptContext,
  type OutsideModules,
  providerOf,
  redirectUriOf,
} from './outside-modules.ts';

const INTERVAL_MS = 1000;
/** No letters or digits that look like others. */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

export interface BeginOutside {
  readonly login: string;
  readonly client: string;
  readonly address: string;
  /** To link an identity to; null to log in. */
  readonly accountId: string | null;
}

/**
 * Begins an outside login: the address for the browser, and a claim that whoever began it asks with. Neither the
 * claim nor the state is stored, only what they are known by.
 * @throws RiosError NOT_FOUND, SERVICE_UNAVAILABLE, AUTH_TOO_MANY_ATTEMPTS
 */
export async function beginOutside(modules: OutsideModules, given: BeginOutside): Promise<StartedOutside> {
  const { store, clock, random, secrets } = modules;
  const provider = providerOf(modules, given.login);
  await takeAttempt(modules, [addressSubject(given.address)]);
  const claim = createSecret('rioso_', random);
  const state = createSecret('rioss_', random);
  const sealed = { verifier: toBase64url(random(32)), nonce: toBase64url(random(32)) };
  const authorizationUrl = await provider.begin(
    { state: state.text, ...sealed },
    redirectUriOf(modules, given.login),
  );
  const userCode = createUserCode(random);
  const now = clock.now();
  const known = { claim_sha256: claim.sha256, state_sha256: state.sha256 };
  await insertOutsideAttempt(store, {
    ...known,
    login: given.login,
    account_id: given.accountId,
    client: given.client,
    address: given.address,
    user_code: userCode,
    secret_envelope: await secrets.seal(encodeJson(sealed), attemptContext(known)),
    phase: 'started',
    confirm_sha256: null,
    identity_json: null,
    failure: null,
    created_at: now,
    expires_at: now + ATTEMPT_TTL_MS,
  });
  const expiresAt = now + ATTEMPT_TTL_MS;
  return { claim: claim.text, authorizationUrl, userCode, expiresAt, intervalMs: INTERVAL_MS };
}

/** 40 bits to compare by eye: it opens nothing. */
function createUserCode(random: Random): string {
  const letters = [...random(8)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
