import { RiosError } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import type { OrgView } from '@rios/sdk/schema/account';
import { insertAccount } from '../../store/accounts.ts';
import { appendAudit } from '../../store/audit.ts';
import { type KeepAnswer, keepNothing } from '../../store/keep-answer.ts';
import * as rows from '../../store/orgs.ts';
import type { Store } from '../../store/store.ts';
import type { UserRow } from '../../store/users.ts';
import type { UserModules } from './modules.ts';

/** Organisations of one person. */
const MAX_ORGS = 20;

/**
 * Founds an organisation; the founder is its admin. It is an account of its own: models and requests can be its.
 * @throws RiosError CONFLICT_EXISTS (name taken), QUOTA_ORGS
 */
export async function createOrg(
  modules: UserModules,
  user: UserRow,
  name: string,
  keep: KeepAnswer = keepNothing,
): Promise<OrgView> {
  const { store, clock, blobQuotaBytes } = modules;
  const now = clock.now();
  const id = createId<string>('org', now);
  return store.transaction().execute(async (tx) => {
    if ((await rows.listOrgsOf(tx, user.account_id)).length >= MAX_ORGS) {
      throw new RiosError('QUOTA_ORGS', `you are in ${MAX_ORGS} organisations`);
    }
    await insertAccount(tx, { id, name: `org:${name}`, blob_quota_bytes: blobQuotaBytes, created_at: now });
    await rows.insertOrg(tx, { id, name, created_at: now });
    await rows.putMember(tx, { orgId: id, accountId: user.account_id, role: 'admin', now });
    await appendAudit(tx, { at: now, actor: user.account_id, action: 'org.created', subject: id });
    const made = await view(tx, { id, name, created_at: now, role: 'admin' });
    await keep(tx, made);
    return made;
  });
}

/** The organisations of a person, by name, with their members. */
export async function listOrgs({ store }: UserModules, personId: string): Promise<OrgView[]> {
  const orgs = await rows.listOrgsOf(store, personId);
  return Promise.all(orgs.map((org) => view(store, org)));
}

/**
 * An organisation as its member sees it.
 * @throws RiosError NOT_FOUND, also when the person is no member
 */
export async function getOrg(store: Store, personId: string, name: string): Promise<OrgView> {
  const mine = (await rows.listOrgsOf(store, personId)).find((org) => org.name === name);
  if (mine === undefined) throw new RiosError('NOT_FOUND', `you are in no organisation ${name}`);
  return view(store, mine);
}

async function view(
  store: Store,
  org: Awaited<ReturnType<typeof rows.listOrgsOf>>[number],
): Promise<OrgView> {
  const members = await rows.listMembers(store, org.id);
  return {
    id: org.id,
    name: org.name,
    role: org.role,
    createdAt: org.created_at,
    members: members.map(({ email, displayName, role }) => ({ email, displayName, role })),
  };
}
