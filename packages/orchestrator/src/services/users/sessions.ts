import { RiosError } from '@rios/sdk/errors/error';
import { createId, type SessionId } from '@rios/sdk/ids';
import type { SessionTokens, SessionView } from '@rios/sdk/schema/account';
import { createSecret, hashSecret } from '../../auth/secret-text.ts';
import { appendAudit } from '../../store/audit.ts';
import * as rows from '../../store/sessions.ts';
import type { Store } from '../../store/store.ts';
import type { UserModules } from './modules.ts';

/** A session ends this long after the sign-in, however often it is refreshed. */
export const SESSION_TTL_MS = 30 * 86_400_000;

/** Begins a session: a family of refresh tokens, of which only the newest is good. */
export async function openSession(
  modules: UserModules,
  given: { accountId: string; client: string; address: string },
): Promise<SessionTokens> {
  const { store, clock, random } = modules;
  const now = clock.now();
  const session: rows.SessionRow = {
    id: createId<SessionId>('ses', now),
    account_id: given.accountId,
    client: given.client,
    address: given.address,
    created_at: now,
    last_used_at: now,
    expires_at: now + SESSION_TTL_MS,
    revoked_at: null,
    revoked_reason: null,
  };
  const refresh = createSecret('riosr_', random);
  await store.transaction().execute(async (tx) => {
    await rows.sweepSessions(tx, now - SESSION_TTL_MS);
    await rows.insertSession(tx, session);
    await rows.insertRefreshToken(tx, { sha256: refresh.sha256, session_id: session.id, created_at: now });
    await appendAudit(tx, {
      at: now,
      actor: given.accountId,
      action: 'session.created',
      subject: session.id,
      details: { address: given.address },
    });
  });
  return tokensOf(modules, session, refresh.text);
}

/**
 * Trades a refresh token for new tokens. One that was used before has been stolen, or its answer was lost: its
 * whole session ends.
 * @throws RiosError AUTH_SESSION_ENDED
 */
export async function refreshSession(modules: UserModules, refreshToken: string): Promise<SessionTokens> {
  const { store, clock, random } = modules;
  const next = createSecret('riosr_', random);
  const session = await store
    .transaction()
    .execute((tx) => rotate(tx, { used: hashSecret(refreshToken), next: next.sha256, now: clock.now() }));
  if (session === undefined) throw new RiosError('AUTH_SESSION_ENDED', 'the session has ended');
  return tokensOf(modules, session, next.text);
}

/** Undefined rather than a throw: the revocation must be kept. */
async function rotate(
  tx: Store,
  { used, next, now }: { used: string; next: string; now: number },
): Promise<rows.SessionRow | undefined> {
  const taken = await rows.takeRefreshToken(tx, used, now);
  const session = taken && (await rows.getSession(tx, taken.sessionId));
  if (session === undefined || session.revoked_at !== null || session.expires_at <= now) return undefined;
  if (taken?.reused) {
    const { id, account_id: accountId } = session;
    await rows.revokeSessions(tx, { accountId, id, now, reason: 'refresh token reused' });
    await appendAudit(tx, { at: now, actor: '', action: 'session.reuse', subject: id });
    return undefined;
  }
  await rows.insertRefreshToken(tx, { sha256: next, session_id: session.id, created_at: now });
  await rows.touchSession(tx, session.id, now);
  return session;
}

async function tokensOf(
  { accessTokens }: UserModules,
  session: rows.SessionRow,
  refreshToken: string,
): Promise<SessionTokens> {
  const access = await accessTokens.issue({ accountId: session.account_id, sessionId: session.id });
  return {
    sessionId: session.id,
    accessToken: access.text,
    accessExpiresAt: access.expiresAt,
    refreshToken,
    refreshExpiresAt: session.expires_at,
  };
}

/** Open sessions of an account, newest first. */
export async function listSessions(
  { store, clock }: UserModules,
  accountId: string,
  currentId: string | null,
): Promise<SessionView[]> {
  const open = await rows.listSessions(store, accountId, clock.now());
  return open.map((row) => ({
    id: row.id,
    client: row.client,
    address: row.address,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    current: row.id === currentId,
  }));
}

/**
 * Ends a session of an account at once, its access tokens too.
 * @throws RiosError NOT_FOUND, also for a session of somebody else or one that has ended
 */
export async function revokeSession(
  { store, clock }: UserModules,
  accountId: string,
  id: string,
): Promise<void> {
  const now = clock.now();
  const revoked = await store.transaction().execute(async (tx) => {
    const count = await rows.revokeSessions(tx, { accountId, id, now, reason: 'revoked' });
    if (count > 0)
      await appendAudit(tx, { at: now, actor: accountId, action: 'session.revoked', subject: id });
    return count > 0;
  });
  if (!revoked) throw new RiosError('NOT_FOUND', 'there is no such open session');
}
