import type { TokenScope } from '@rios/sdk/api/route';
import { createId, type SessionId } from '@rios/sdk/ids';
import { appendAudit } from '../../store/audit.ts';
import { savePayload } from '../../store/oauth-vault.ts';
import { insertSession, sweepSessions } from '../../store/sessions.ts';
import type { Store } from '../../store/store.ts';
import type { UserModules } from '../users/modules.ts';
import { SESSION_TTL_MS } from '../users/sessions.ts';

/** What a person lets a program do. */
export interface Permission {
  readonly accountId: string;
  readonly clientId: string;
  /** How the session is called in the person's list. */
  readonly clientName: string;
  readonly scopes: readonly TokenScope[];
  /** What was asked for and is not given, so that the library does not ask again. */
  readonly refusedScopes?: readonly string[];
  readonly address: string;
}

/** Begins a session for a program, and its grant of the same id. Gives the id. */
export async function openGrant(
  tx: Store,
  { clock, secrets }: Pick<UserModules, 'clock' | 'secrets'>,
  given: Permission,
): Promise<string> {
  const { refusedScopes = [] } = given;
  const now = clock.now();
  const id = createId<SessionId>('ses', now);
  const expiresAt = now + SESSION_TTL_MS;
  await sweepSessions(tx, now - SESSION_TTL_MS);
  await insertSession(tx, {
    id,
    account_id: given.accountId,
    client: given.clientName,
    address: given.address,
    created_at: now,
    last_used_at: now,
    expires_at: expiresAt,
    revoked_at: null,
    revoked_reason: null,
  });
  const payload = {
    jti: id,
    kind: 'Grant',
    accountId: given.accountId,
    clientId: given.clientId,
    openid: { scope: given.scopes.join(' ') },
    ...(refusedScopes.length === 0 ? {} : { rejected: { openid: { scope: refusedScopes.join(' ') } } }),
    iat: Math.floor(now / 1000),
    exp: Math.floor(expiresAt / 1000),
  };
  await savePayload(tx, secrets, { model: 'Grant', id, payload, expiresAt });
  await appendAudit(tx, {
    at: now,
    actor: given.accountId,
    action: 'session.created',
    subject: id,
    details: { address: given.address, program: given.clientId },
  });
  return id;
}
