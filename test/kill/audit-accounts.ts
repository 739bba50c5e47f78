import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import type { Acknowledged } from './acknowledged.ts';
import { exactlyOnce } from './exactly-once.ts';

/** What is wrong with the accounts, tokens, organisations, invites and audit entries in the store. */
export async function auditAccounts(store: Store, done: Acknowledged): Promise<string[]> {
  return [
    ...(await auditPeople(store, done)),
    ...(await auditTokens(store, done)),
    ...(await auditOrgs(store, done)),
    ...(await auditInvites(store, done)),
  ];
}

async function auditPeople(store: Store, { people }: Acknowledged): Promise<string[]> {
  const users = await store.selectFrom('users').select(['email', 'account_id']).execute();
  const created = await audited(store, 'account.created');
  const idOf = new Map(users.map(({ email, account_id }) => [email, account_id]));
  const emails = people.map(({ email }) => email);
  const ids = emails.map((email) => idOf.get(email) ?? `no account of ${email}`);
  return [
    ...exactlyOnce(
      'account',
      emails,
      users.map(({ email }) => email),
    ),
    ...exactlyOnce('audit entry account.created', ids, created),
  ];
}

async function auditTokens(store: Store, { tokens }: Acknowledged): Promise<string[]> {
  const rows = await store.selectFrom('user_tokens').select(['id', 'revoked_at']).execute();
  const revokedAt = new Map(rows.map(({ id, revoked_at }) => [id, revoked_at]));
  const ids = tokens.map(({ id }) => id);
  const revoked = tokens.filter((token) => token.revoked).map(({ id }) => id);
  const undone = revoked.filter((id) => (revokedAt.get(id) ?? null) === null);
  const ended = tokens.filter((token) => !token.revoked && (revokedAt.get(token.id) ?? null) !== null);
  return [
    ...exactlyOnce(
      'token',
      ids,
      rows.map(({ id }) => id),
    ),
    ...exactlyOnce('audit entry token.created', ids, await audited(store, 'token.created')),
    ...exactlyOnce('audit entry token.revoked', revoked, await audited(store, 'token.revoked')),
    ...undone.map((id) => `token ${id}: its revocation was lost`),
    // a revocation that was carried out, but never acknowledged, is the only other reason
    ...(ended.length > 1 ? ended.slice(1).map(({ id }) => `token ${id} was revoked by nobody`) : []),
  ];
}

async function auditOrgs(store: Store, { orgs }: Acknowledged): Promise<string[]> {
  const rows = await store.selectFrom('orgs').select(['id', 'name']).execute();
  const members = await store.selectFrom('org_members').select('org_id').execute();
  const ids = orgs.map(({ id }) => id);
  return [
    ...exactlyOnce(
      'organisation',
      orgs.map(({ name }) => name),
      rows.map(({ name }) => name),
    ),
    ...exactlyOnce(
      'organisation id',
      ids,
      rows.map(({ id }) => id),
    ),
    ...exactlyOnce(
      'founder of',
      ids,
      members.map(({ org_id }) => org_id),
    ),
    ...exactlyOnce('audit entry org.created', ids, await audited(store, 'org.created')),
  ];
}

async function auditInvites(store: Store, { invites }: Acknowledged): Promise<string[]> {
  const rows = await store.selectFrom('invites').select(['id', 'revoked_at']).execute();
  const open = new Set(rows.filter(({ revoked_at }) => revoked_at === null).map(({ id }) => id));
  return [
    ...exactlyOnce(
      'invite',
      invites.map(({ id }) => id),
      rows.map(({ id }) => id),
    ),
    ...invites
      .filter(({ id, revoked }) => revoked && open.has(id))
      .map(({ id }) => `invite ${id}: its revocation was lost`),
  ];
}

/** Subjects of the audit entries of an action. */
async function audited(store: Store, action: string): Promise<string[]> {
  const rows = await store
    .selectFrom('audit_entries')
    .select('subject')
    .where('action', '=', action)
    .execute();
  return rows.map(({ subject }) => subject);
}
