import { effectiveScopes } from '@rios/sdk/api/roles';
import { RiosError } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import type { CreateOauthClient, OauthClientView } from '@rios/sdk/schema/oauth';
import { z } from 'zod';
import { type Principal, readScopes } from '../../auth/principal.ts';
import { createSecret } from '../../auth/secret-text.ts';
import { appendAudit } from '../../store/audit.ts';
import { decodeJson, encodeJson } from '../../store/json.ts';
import { type KeepAnswer, keepNothing } from '../../store/keep-answer.ts';
import * as rows from '../../store/oauth-clients.ts';
import type { UserModules } from '../users/modules.ts';
import { actFor } from '../users/tokens.ts';

/** Valid programs of one person. */
const MAX_CLIENTS = 50;

/**
 * Registers a program. With redirect URIs it asks people in a browser; without, it gets a secret, shown this once,
 * and acts for the person, or for an organisation, but never beyond the person's role there.
 * @throws RiosError AUTH_FORBIDDEN (a scope that the role lacks), NOT_FOUND (organisation), QUOTA_TOKENS
 */
export async function createOauthClient(
  modules: UserModules,
  caller: Principal,
  given: CreateOauthClient,
  keep: KeepAnswer = keepNothing,
): Promise<{ secret: string | null; view: OauthClientView }> {
  const { store, clock, random } = modules;
  const { accountId, role } = await actFor(modules, caller, given.org);
  const allowed = effectiveScopes(role, caller.scopes);
  const lacking = given.scopes.find((scope) => !allowed.has(scope));
  if (lacking !== undefined) {
    throw new RiosError('AUTH_FORBIDDEN', `you may not give the scope ${lacking}`, { details: { lacking } });
  }
  const now = clock.now();
  const secret = given.redirectUris.length > 0 ? undefined : createSecret('riosk_', random);
  const row: rows.OauthClientRow = {
    id: createId('app', now),
    name: given.name,
    secret_sha256: secret?.sha256 ?? null,
    account_id: accountId,
    created_by: caller.actorId,
    scopes_json: encodeJson([...new Set(given.scopes)]),
    redirect_uris_json: encodeJson([...new Set(given.redirectUris)]),
    created_at: now,
    expires_at: now + given.ttlMs,
    last_used_at: null,
    revoked_at: null,
  };
  const made = { secret: secret?.text ?? null, view: view(row, now) };
  await store.transaction().execute(async (tx) => {
    if ((await rows.countValidOauthClients(tx, caller.actorId, now)) >= MAX_CLIENTS) {
      throw new RiosError('QUOTA_TOKENS', `you have ${MAX_CLIENTS} valid programs`);
    }
    await rows.insertOauthClient(tx, row);
    await appendAudit(tx, { at: now, actor: caller.actorId, action: 'client.created', subject: row.id });
    await keep(tx, made);
  });
  return made;
}

/** Programs that the person registered, newest first. */
export async function listOauthClients(
  { store, clock }: UserModules,
  personId: string,
): Promise<OauthClientView[]> {
  return (await rows.listOauthClients(store, personId)).map((row) => view(row, clock.now()));
}

/** Revokes a program that the person registered. @throws RiosError NOT_FOUND, also for somebody else's */
export async function revokeOauthClient(
  { store, clock }: UserModules,
  personId: string,
  id: string,
): Promise<OauthClientView> {
  const now = clock.now();
  const row = await store.transaction().execute(async (tx) => {
    const mine = (await rows.listOauthClients(tx, personId)).find((client) => client.id === id);
    if (mine === undefined || mine.revoked_at !== null) return mine;
    await rows.revokeOauthClient(tx, { createdBy: personId, id, now });
    await appendAudit(tx, { at: now, actor: personId, action: 'client.revoked', subject: id });
    return { ...mine, revoked_at: now };
  });
  if (row === undefined) throw new RiosError('NOT_FOUND', 'there is no such program');
  return view(row, now);
}

function view(row: rows.OauthClientRow, now: number): OauthClientView {
  return {
    id: row.id,
    name: row.name,
    kind: row.secret_sha256 === null ? 'browser' : 'secret',
    accountId: row.account_id,
    scopes: readScopes(row.scopes_json),
    redirectUris: decodeJson(z.array(z.string()), row.redirect_uris_json),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    state: row.revoked_at !== null ? 'revoked' : row.expires_at <= now ? 'expired' : 'valid',
  };
}
