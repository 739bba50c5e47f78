import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { AccountsTable } from './database.ts';
import { decodeJson, encodeJson } from './json.ts';
import { putNetworkFact } from './network.ts';
import type { Store } from './store.ts';

export type AccountRow = Selectable<AccountsTable>;

/** What a valid token stands for. */
export interface TokenRow {
  readonly accountId: string;
  readonly scopes: readonly string[];
}

export async function insertAccount(store: Store, account: AccountRow): Promise<void> {
  await store.insertInto('accounts').values(account).execute();
}

/** Adds an account whose name is its own, or does nothing: another orchestrator may have been faster. */
export async function addAccountOnce(store: Store, account: AccountRow): Promise<void> {
  await store
    .insertInto('accounts')
    .values(account)
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
}

export async function findAccountByName(store: Store, name: string): Promise<AccountRow | undefined> {
  return store.selectFrom('accounts').selectAll().where('name', '=', name).executeTakeFirst();
}

export async function getAccount(store: Store, id: string): Promise<AccountRow | undefined> {
  return store.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function setBlobQuota(store: Store, id: string, bytes: number): Promise<void> {
  await store.updateTable('accounts').set({ blob_quota_bytes: bytes }).where('id', '=', id).execute();
}

/** Adds a token by the sha256 (hex) of its text. Adding it again changes nothing. */
export async function insertApiToken(
  store: Store,
  token: { sha256: string; accountId: string; scopes: readonly string[]; createdAt: number },
): Promise<void> {
  await store
    .insertInto('api_tokens')
    .values({
      sha256: token.sha256,
      account_id: token.accountId,
      scopes_json: encodeJson(token.scopes),
      created_at: token.createdAt,
      revoked_at: null,
    })
    .onConflict((conflict) => conflict.column('sha256').doNothing())
    .execute();
}

/** Looks a token up by the sha256 of its text; revoked ones are not found. */
export async function findApiToken(store: Store, sha256: string): Promise<TokenRow | undefined> {
  const row = await store
    .selectFrom('api_tokens')
    .select(['account_id', 'scopes_json'])
    .where('sha256', '=', sha256)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { accountId: row.account_id, scopes: decodeJson(z.array(z.string()), row.scopes_json) };
}

/** The fact that holds the hash of the token in one orchestrator's token file. */
const localTokenKey = (orchestrator: string) => `local-token:${orchestrator}`;

/** Notes which token stands in the token file of an orchestrator. */
export async function noteLocalToken(store: Store, orchestrator: string, sha256: string): Promise<void> {
  await putNetworkFact(store, localTokenKey(orchestrator), sha256);
}

/** Revokes the tokens of an account that stand in no orchestrator's token file. */
export async function revokeStrayTokens(store: Store, accountId: string, now: number): Promise<void> {
  await store
    .updateTable('api_tokens')
    .set({ revoked_at: now })
    .where('account_id', '=', accountId)
    .where('revoked_at', 'is', null)
    .where('sha256', 'not in', ({ selectFrom }) =>
      selectFrom('network').select('value').where('key', 'like', localTokenKey('%')),
    )
    .execute();
}
