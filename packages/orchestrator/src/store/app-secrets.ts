import type { Selectable } from 'kysely';
import type { AppSecretsTable } from './deployment-tables.ts';
import type { Store } from './store.ts';

export type AppSecretRow = Selectable<AppSecretsTable>;

/** Those of an account by name, with their envelopes. */
export async function listAppSecrets(store: Store, accountId: string): Promise<AppSecretRow[]> {
  return store
    .selectFrom('app_secrets')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('name')
    .execute();
}

export async function findAppSecret(
  store: Store,
  accountId: string,
  name: string,
): Promise<AppSecretRow | undefined> {
  return store
    .selectFrom('app_secrets')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .executeTakeFirst();
}

/** @throws RiosError CONFLICT_EXISTS when the account has one of that name */
export async function insertAppSecret(tx: Store, row: AppSecretRow): Promise<void> {
  await tx.insertInto('app_secrets').values(row).execute();
}

export async function replaceAppSecret(tx: Store, id: string, envelope: string, now: number): Promise<void> {
  await tx
    .updateTable('app_secrets')
    .set({ value_envelope: envelope, updated_at: now })
    .where('id', '=', id)
    .execute();
}

export async function deleteAppSecret(tx: Store, id: string): Promise<void> {
  await tx.deleteFrom('app_secrets').where('id', '=', id).execute();
}
