import type { Role } from '@rios/sdk/api/roles';
import type { Selectable } from 'kysely';
import type { Store } from './store.ts';
import type { OrgsTable } from './users-tables.ts';

export type OrgRow = Selectable<OrgsTable>;

export interface MemberRow {
  readonly accountId: string;
  readonly email: string;
  readonly displayName: string;
  readonly role: Role;
}

export async function insertOrg(store: Store, org: OrgRow): Promise<void> {
  await store.insertInto('orgs').values(org).execute();
}

export async function findOrgByName(store: Store, name: string): Promise<OrgRow | undefined> {
  return store.selectFrom('orgs').selectAll().where('name', '=', name).executeTakeFirst();
}

/** Whether an account is an organisation's. */
export async function isOrg(store: Store, accountId: string): Promise<boolean> {
  const row = await store.selectFrom('orgs').select('id').where('id', '=', accountId).executeTakeFirst();
  return row !== undefined;
}

/** The organisations of a person, by name. */
export async function listOrgsOf(store: Store, accountId: string): Promise<(OrgRow & { role: Role })[]> {
  return store
    .selectFrom('org_members')
    .innerJoin('orgs', 'orgs.id', 'org_members.org_id')
    .select(['orgs.id', 'orgs.name', 'orgs.created_at', 'org_members.role'])
    .where('org_members.account_id', '=', accountId)
    .orderBy('orgs.name')
    .execute();
}

/** By address. */
export async function listMembers(store: Store, orgId: string): Promise<MemberRow[]> {
  return store
    .selectFrom('org_members')
    .innerJoin('users', 'users.account_id', 'org_members.account_id')
    .select([
      'org_members.account_id as accountId',
      'users.email as email',
      'users.display_name as displayName',
      'org_members.role as role',
    ])
    .where('org_members.org_id', '=', orgId)
    .orderBy('users.email')
    .execute();
}

/** The role of a person in an organisation; undefined when there is none. */
export async function findMemberRole(
  store: Store,
  orgId: string,
  accountId: string,
): Promise<Role | undefined> {
  const row = await store
    .selectFrom('org_members')
    .select('role')
    .where('org_id', '=', orgId)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row?.role;
}

/** Adds a member, or changes the role of one. */
export async function putMember(
  store: Store,
  member: { orgId: string; accountId: string; role: Role; now: number },
): Promise<void> {
  const { orgId, accountId, role, now } = member;
  await store
    .insertInto('org_members')
    .values({ org_id: orgId, account_id: accountId, role, added_at: now })
    .onConflict((conflict) => conflict.columns(['org_id', 'account_id']).doUpdateSet({ role }))
    .execute();
}

export async function deleteMember(store: Store, orgId: string, accountId: string): Promise<void> {
  await store
    .deleteFrom('org_members')
    .where('org_id', '=', orgId)
    .where('account_id', '=', accountId)
    .execute();
}
