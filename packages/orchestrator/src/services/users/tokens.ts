import { effectiveScopes } from '@rios/sdk/api/roles';
import { RiosError } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import type { CreateToken, TokenView } from '@rios/sdk/schema/account';
import { lowerRole, type Principal, readScopes } from '../../auth/principal.ts';
import { createSecret } from '../../auth/secret-text.ts';
import { appendAudit } from '../../store/audit.ts';
import { encodeJson } from '../../store/json.ts';
import { type KeepAnswer, keepNothing } from '../../store/keep-answer.ts';
import { findMemberRole, findOrgByName } from '../../store/orgs.ts';
import * as rows from '../../store/tokens.ts';
import type { UserModules } from './modules.ts';

/** Valid tokens of one person. */
const MAX_TOKENS = 100;

/**
 * Makes an API token; `token` is shown this once. It can never do more than the person, and for an organisation no
 * more than the person's role in it.
 * @throws RiosError AUTH_FORBIDDEN (a scope that the role lacks), NOT_FOUND (organisation), QUOTA_TOKENS
 */
export async function createToken(
  modules: UserModules,
  caller: Principal,
  given: CreateToken,
  keep: KeepAnswer = keepNothing,
): Promise<{ token: string; view: TokenView }> {
  const { store, clock, random } = modules;
  const { accountId, role } = await actFor(modules, caller, given.org);
  const allowed = effectiveScopes(role, caller.scopes);
  const lacking = given.scopes.find((scope) => !allowed.has(scope));
  if (lacking !== undefined) {
    throw new RiosError('AUTH_FORBIDDEN', `you may not give the scope ${lacking}`, { details: { lacking } });
  }
  const now = clock.now();
  const secret = createSecret('rios_', random);
  const row: rows.UserTokenRow = {
    id: createId('tok', now),
    sha256: secret.sha256,
    account_id: accountId,
    created_by: caller.actorId,
    name: given.name,
    scopes_json: encodeJson([...new Set(given.scopes)]),
    created_at: now,
    expires_at: now + given.ttlMs,
    last_used_at: null,
    revoked_at: null,
  };
  const made = { token: secret.text, view: view(row, now) };
  await store.transaction().execute(async (tx) => {
    if ((await rows.countValidTokens(tx, caller.actorId, now)) >= MAX_TOKENS) {
      throw new RiosError('QUOTA_TOKENS', `you have ${MAX_TOKENS} valid API tokens`);
    }
    await rows.insertUserToken(tx, row);
    await appendAudit(tx, { at: now, actor: caller.actorId, action: 'token.created', subject: row.id });
    await keep(tx, made);
  });
  return made;
}

/** Whom a token of the caller acts for, and what it may at most there. @throws RiosError NOT_FOUND */
export async function actFor(
  { store }: UserModules,
  caller: Principal,
  org: string | undefined,
): Promise<Pick<Principal, 'accountId' | 'role'>> {
  if (org === undefined) return caller;
  const found = await findOrgByName(store, org);
  const role = found && (await findMemberRole(store, found.id, caller.actorId));
  if (found === undefined || role === undefined) {
    throw new RiosError('NOT_FOUND', `you are in no organisation ${org}`);
  }
  return { accountId: found.id, role: lowerRole(role, caller.role) };
}

/** Tokens that the person made, newest first. */
export async function listTokens({ store, clock }: UserModules, personId: string): Promise<TokenView[]> {
  return (await rows.listUserTokens(store, personId)).map((row) => view(row, clock.now()));
}

/** Revokes a token that the person made. @throws RiosError NOT_FOUND, also for somebody else's */
export async function revokeToken(
  { store, clock }: UserModules,
  personId: string,
  id: string,
): Promise<TokenView> {
  const now = clock.now();
  const row = await store.transaction().execute(async (tx) => {
    const mine = (await rows.listUserTokens(tx, personId)).find((token) => token.id === id);
    if (mine === undefined || mine.revoked_at !== null) return mine;
    await rows.revokeUserTokens(tx, { createdBy: personId, id, now });
    await appendAudit(tx, { at: now, actor: personId, action: 'token.revoked', subject: id });
    return { ...mine, revoked_at: now };
  });
  if (row === undefined) throw new RiosError('NOT_FOUND', 'there is no such token');
  return view(row, now);
}

function view(row: rows.UserTokenRow, now: number): TokenView {
  return {
    id: row.id,
    name: row.name,
    accountId: row.account_id,
    scopes: readScopes(row.scopes_json),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    state: row.revoked_at !== null ? 'revoked' : row.expires_at <= now ? 'expired' : 'valid',
  };
}
