import { hasCode, toRiosError } from '@rios/sdk/errors/error';
import type { OutsideIdentity } from '../../../auth/outside/outside-provider.ts';
import { createSecret, hashSecret } from '../../../auth/secret-text.ts';
import type { BytesAnswer } from '../../../gateway/endpoint.ts';
import { decodeJson, encodeJson } from '../../../store/json.ts';
import {
  type OutsideAttemptRow,
  setOutsideOutcome,
  takeOutsideConfirm,
  takeOutsideState,
} from '../../../store/outside-attempts.ts';
import { getUser } from '../../../store/users.ts';
import {
  attemptContext,
  attemptEnded,
  type OutsideModules,
  providerOf,
  redirectUriOf,
  sealedSchema,
} from './outside-modules.ts';
import { agreedPage, declinedPage, failedPage, questionPage } from './pages.ts';

/** What of the browser's return counts. */
export interface Returned {
  readonly state: string;
  readonly code?: string | undefined;
  readonly iss?: string | undefined;
  readonly error?: string | undefined;
}

/**
 * The browser is back from the provider: trades the code, once, and asks the person. Nobody is let in by this alone:
 * the link may have come from somebody else.
 * @throws RiosError AUTH_OUTSIDE_ENDED for a state that is unknown, used, expired or of another login
 */
export async function receiveBrowser(
  modules: OutsideModules,
  login: string,
  returned: Returned,
): Promise<BytesAnswer> {
  const { store, clock } = modules;
  const by = { stateSha256: hashSecret(returned.state), login, now: clock.now() };
  const attempt = await takeOutsideState(store, by);
  if (attempt === undefined) throw attemptEnded();
  try {
    return await ask(modules, attempt, await proveIdentity(modules, attempt, returned));
  } catch (error) {
    const known = toRiosError(error);
    const failure = isTellable(known) ? known.message : 'something unexpected happened';
    const outcome = { phase: 'failed', confirm_sha256: null, identity_json: null, failure } as const;
    await setOutsideOutcome(store, attempt.claim_sha256, outcome);
    if (!isTellable(known)) throw error;
    return failedPage(failure);
  }
}

const isTellable = (error: unknown) =>
  hasCode(error, 'AUTH_OUTSIDE_REFUSED') ||
  hasCode(error, 'SERVICE_UNAVAILABLE') ||
  hasCode(error, 'NOT_FOUND');

async function proveIdentity(
  modules: OutsideModules,
  attempt: OutsideAttemptRow,
  { state, ...returned }: Returned,
): Promise<OutsideIdentity> {
  const envelope = await modules.secrets.open(attempt.secret_envelope, attemptContext(attempt));
  const url = new URL(redirectUriOf(modules, attempt.login));
  url.searchParams.set('state', state);
  for (const [name, value] of Object.entries(returned)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const sealed = decodeJson(sealedSchema, envelope);
  return providerOf(modules, attempt.login).prove({ state, ...sealed }, url);
}

async function ask(
  { store, random }: OutsideModules,
  attempt: OutsideAttemptRow,
  identity: OutsideIdentity,
): Promise<BytesAnswer> {
  const confirm = createSecret('riosc_', random);
  await setOutsideOutcome(store, attempt.claim_sha256, {
    phase: 'proved',
    confirm_sha256: confirm.sha256,
    identity_json: encodeJson(identity),
    failure: null,
  });
  const account = attempt.account_id === null ? undefined : await getUser(store, attempt.account_id);
  return questionPage({
    login: attempt.login,
    who: identity.email ?? identity.displayName ?? identity.subject,
    client: attempt.client,
    address: attempt.address,
    userCode: attempt.user_code,
    linkTo: account?.email,
    confirm: confirm.text,
  });
}

/**
 * The person's answer, once.
 * @param form of the page: `confirm=…&answer=yes|no`
 * @throws RiosError AUTH_OUTSIDE_ENDED
 */
export async function receiveAnswer(modules: OutsideModules, form: Uint8Array): Promise<BytesAnswer> {
  const fields = new URLSearchParams(Buffer.from(form).toString('latin1'));
  const agreed = fields.get('answer') === 'yes';
  const attempt = await takeOutsideConfirm(modules.store, {
    confirmSha256: hashSecret(fields.get('confirm') ?? ''),
    phase: agreed ? 'confirmed' : 'failed',
    failure: agreed ? null : 'the person in the browser said no',
    now: modules.clock.now(),
  });
  if (attempt === undefined) throw attemptEnded();
  return agreed ? agreedPage() : declinedPage();
}
