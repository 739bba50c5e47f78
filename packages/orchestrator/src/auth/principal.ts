import { effectiveScopes, ROLE_SCOPES, type Role } from '@rios/sdk/api/roles';
import type { TokenScope } from '@rios/sdk/api/route';
import type { Clock } from '@rios/sdk/clock';
import { tokenScopeSchema } from '@rios/sdk/schema/account';
import { CLI_CLIENT_ID } from '@rios/sdk/schema/oauth';
import { z } from 'zod';
import { findApiToken, getAccount } from '../store/accounts.ts';
import { decodeJson } from '../store/json.ts';
import { getOauthClient, isOpenClient, touchOauthClient } from '../store/oauth-clients.ts';
import { getPayload, payloadKey } from '../store/oauth-payloads.ts';
import { findMemberRole } from '../store/orgs.ts';
import { getSession } from '../store/sessions.ts';
import type { Store } from '../store/store.ts';
import * as tokens from '../store/tokens.ts';
import { getUser } from '../store/users.ts';
import type { AccessTokens, ClientClaims, GrantClaims, SessionClaims } from './access-token.ts';
import { hashSecret } from './secret-text.ts';

/** Who a token stands for. */
export interface Principal {
  /** Whose objects it makes and sees: a person, an organisation, or the local account. */
  readonly accountId: string;
  readonly name: string;
  readonly role: Role;
  /** Those of the token that the role has too. */
  readonly scopes: ReadonlySet<TokenScope>;
  /** oauth: a program that a person let in, or that acts by itself. */
  readonly tokenKind: 'local' | 'api' | 'session' | 'oauth';
  /** The person behind it; differs from `accountId` for a token of an organisation. */
  readonly actorId: string;
  readonly sessionId: string | null;
  readonly blobQuotaBytes: number;
}

/** Finds who a token stands for; undefined when it is unknown, expired, revoked, tampered with or for another. */
export type Authenticate = (token: string) => Promise<Principal | undefined>;

export interface AuthenticateModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly accessTokens: AccessTokens;
}

/** The last use of a token is written down this precisely: no write for each call. */
const TOUCH_MS = 60_000;
/** The account of the machine itself: it has no person, and its name can be nobody's address. */
const LOCAL_NAME = 'local';
const ROLE_OF_LOCAL: Role = 'admin';
const storedScopesSchema = z.array(z.string());

/** Nothing longer is looked at. */
const MAX_TOKEN_CHARS = 2048;

/**
 * Every kind of token through one door: `rios_…` is looked up by its sha256 (of the local account, else of a
 * person), anything with two dots is verified as a JWT whose session must still be open.
 */
export function createAuthenticate(modules: AuthenticateModules): Authenticate {
  return async (token) => {
    if (token.length > MAX_TOKEN_CHARS) return undefined;
    if (token.split('.').length === 3) return fromAccessToken(modules, token);
    const sha256 = hashSecret(token);
    return (await fromUserToken(modules, sha256)) ?? (await fromLocalToken(modules, sha256));
  };
}

async function fromLocalToken(
  { store }: AuthenticateModules,
  sha256: string,
): Promise<Principal | undefined> {
  const found = await findApiToken(store, sha256);
  if (found === undefined) return undefined;
  return principalOf(store, {
    accountId: found.accountId,
    role: ROLE_OF_LOCAL,
    scopes: new Set(ROLE_SCOPES[ROLE_OF_LOCAL]),
    tokenKind: 'local',
    actorId: found.accountId,
    sessionId: null,
  });
}

async function fromUserToken(modules: AuthenticateModules, sha256: string): Promise<Principal | undefined> {
  const { store, clock } = modules;
  const token = await tokens.findUserToken(store, sha256);
  const now = clock.now();
  if (token === undefined || token.revoked_at !== null || token.expires_at <= now) return undefined;
  const role = await roleFor(store, token.created_by, token.account_id);
  if (role === undefined) return undefined;
  if (now - (token.last_used_at ?? 0) >= TOUCH_MS) await tokens.touchUserToken(store, token.id, now);
  return principalOf(store, {
    accountId: token.account_id,
    role,
    scopes: effectiveScopes(role, new Set(decodeJson(storedScopesSchema, token.scopes_json))),
    tokenKind: 'api',
    actorId: token.created_by,
    sessionId: null,
  });
}

async function fromAccessToken(modules: AuthenticateModules, token: string): Promise<Principal | undefined> {
  const claims = await modules.accessTokens.verify(token);
  if (claims === undefined) return undefined;
  if ('clientId' in claims && !(await isLiveToken(modules, claims))) return undefined;
  return claims.accountId === undefined ? fromProgram(modules, claims) : fromSession(modules, claims);
}

/** A token of our OAuth server works as long as it has its row, and its program is neither revoked nor expired. */
async function isLiveToken(
  { store, clock }: AuthenticateModules,
  { clientId, tokenId, accountId }: GrantClaims | ClientClaims,
): Promise<boolean> {
  const model = accountId === undefined ? 'ClientCredentials' : 'AccessToken';
  if ((await getPayload(store, payloadKey(model, tokenId))) === undefined) return false;
  if (clientId === CLI_CLIENT_ID) return true;
  const client = await getOauthClient(store, clientId);
  return client !== undefined && isOpenClient(client, clock.now());
}

async function fromSession(
  { store, clock }: AuthenticateModules,
  claims: SessionClaims | GrantClaims,
): Promise<Principal | undefined> {
  const session = await getSession(store, claims.sessionId);
  if (session === undefined || session.account_id !== claims.accountId) return undefined;
  if (session.revoked_at !== null || session.expires_at <= clock.now()) return undefined;
  const role = await roleFor(store, session.account_id, session.account_id);
  if (role === undefined) return undefined;
  const program = 'clientId' in claims ? claims : undefined;
  const trusted = program === undefined || program.clientId === CLI_CLIENT_ID;
  return principalOf(store, {
    accountId: session.account_id,
    role,
    scopes:
      program === undefined ? new Set(ROLE_SCOPES[role]) : effectiveScopes(role, new Set(program.scopes)),
    tokenKind: trusted ? 'session' : 'oauth',
    actorId: session.account_id,
    sessionId: session.id,
  });
}

async function fromProgram(
  { store, clock }: AuthenticateModules,
  { clientId, scopes }: ClientClaims,
): Promise<Principal | undefined> {
  const client = await getOauthClient(store, clientId);
  const role = client && (await roleFor(store, client.created_by, client.account_id));
  if (client === undefined || role === undefined) return undefined;
  const now = clock.now();
  if (now - (client.last_used_at ?? 0) >= TOUCH_MS) await touchOauthClient(store, client.id, now);
  const given = new Set(readScopes(client.scopes_json).filter((scope) => scopes.includes(scope)));
  return principalOf(store, {
    accountId: client.account_id,
    role,
    scopes: effectiveScopes(role, given),
    tokenKind: 'oauth',
    actorId: client.created_by,
    sessionId: null,
  });
}

/** The lowest of what a person is to the network and to the organisation that the token acts for. */
async function roleFor(store: Store, personId: string, accountId: string): Promise<Role | undefined> {
  const own = await ownRole(store, personId);
  if (own === undefined || accountId === personId) return own;
  const role = await findMemberRole(store, accountId, personId);
  return role && lowerRole(role, own);
}

async function ownRole(store: Store, personId: string): Promise<Role | undefined> {
  const user = await getUser(store, personId);
  if (user !== undefined) return user.role;
  const account = await getAccount(store, personId);
  return account?.name === LOCAL_NAME ? ROLE_OF_LOCAL : undefined;
}

/** An organisation's admin is no admin of the network: what both may, and admin only when both are. */
export function lowerRole(one: Role, other: Role): Role {
  if (one === 'admin') return other;
  if (other === 'admin' || one === other) return one;
  return one === 'developer' ? other : other === 'developer' ? one : 'viewer';
}

async function principalOf(
  store: Store,
  given: Omit<Principal, 'name' | 'blobQuotaBytes'>,
): Promise<Principal | undefined> {
  const account = await getAccount(store, given.accountId);
  return account && { ...given, name: account.name, blobQuotaBytes: account.blob_quota_bytes };
}

/** Scopes as they were asked for; those that no longer exist are left out. */
export const readScopes = (json: string): TokenScope[] =>
  decodeJson(storedScopesSchema, json).flatMap((scope) => tokenScopeSchema.safeParse(scope).data ?? []);
