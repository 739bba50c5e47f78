import { RiosError } from '@rios/sdk/errors/error';
import type { MemberRole, OrgView } from '@rios/sdk/schema/account';
import { roleSchema } from '@rios/sdk/schema/account';
import { z } from 'zod';
import { normaliseEmail } from '../../auth/email.ts';
import { createSecret, hashSecret } from '../../auth/secret-text.ts';
import { takeAttempt } from '../../auth/throttle.ts';
import { appendAudit } from '../../store/audit.ts';
import { decodeJson, encodeJson } from '../../store/json.ts';
import * as rows from '../../store/orgs.ts';
import type { Store } from '../../store/store.ts';
import { revokeUserTokens } from '../../store/tokens.ts';
import type { UserRow } from '../../store/users.ts';
import { insertMailToken, takeMailToken } from '../../store/users-mail.ts';
import { mails } from './mails.ts';
import { mailSubject, type UserModules } from './modules.ts';
import { getOrg } from './orgs.ts';

const INVITE_TTL_MS = 7 * 86_400_000;

const inviteSchema = z.object({ org: z.string(), role: roleSchema });

/**
 * Asks somebody into an organisation by mail. Whether the address has an account is not told.
 * @throws RiosError NOT_FOUND, AUTH_FORBIDDEN (not its admin), AUTH_TOO_MANY_ATTEMPTS
 */
export async function inviteMember(
  modules: UserModules,
  user: UserRow,
  name: string,
  given: MemberRole,
): Promise<void> {
  const { store, clock, random, post } = modules;
  const org = await checkAdmin(store, user, name);
  const email = normaliseEmail(given.email);
  await takeAttempt(modules, [mailSubject(email)]);
  const token = createSecret('riosm_', random);
  const now = clock.now();
  await store.transaction().execute(async (tx) => {
    await insertMailToken(tx, {
      sha256: token.sha256,
      purpose: 'invite',
      email,
      payload_json: encodeJson({ org: name, role: given.role }),
      created_at: now,
      expires_at: now + INVITE_TTL_MS,
    });
    await note(tx, { at: now, actor: user.account_id, action: 'org.invited', subject: org.id }, given.role);
  });
  await post.post(mails.invite(email, token.text, name));
}

/**
 * Makes the person a member: the token must have been mailed to their own address.
 * @throws RiosError AUTH_MAIL_TOKEN_INVALID
 */
export async function joinOrg(modules: UserModules, user: UserRow, token: string): Promise<OrgView> {
  const { store, clock } = modules;
  const now = clock.now();
  return store.transaction().execute(async (tx) => {
    const taken = await takeMailToken(tx, { sha256: hashSecret(token), purpose: 'invite', now });
    const invite = taken?.email === user.email ? decodeJson(inviteSchema, taken.payload_json) : undefined;
    const org = invite && (await rows.findOrgByName(tx, invite.org));
    if (invite === undefined || org === undefined) {
      throw new RiosError(
        'AUTH_MAIL_TOKEN_INVALID',
        'the token is unknown, used, expired or for another address',
      );
    }
    await rows.putMember(tx, { orgId: org.id, accountId: user.account_id, role: invite.role, now });
    await note(tx, { at: now, actor: user.account_id, action: 'org.joined', subject: org.id }, invite.role);
    return getOrg(tx, user.account_id, org.name);
  });
}

/**
 * Gives a member another role. Its tokens keep their scopes and lose what the role lacks.
 * @throws RiosError NOT_FOUND, AUTH_FORBIDDEN, CONFLICT_LAST_ADMIN
 */
export async function setMemberRole(
  { store, clock }: UserModules,
  user: UserRow,
  name: string,
  { email, role }: MemberRole,
): Promise<OrgView> {
  return store.transaction().execute(async (tx) => {
    const org = await checkAdmin(tx, user, name);
    const member = await findMember(tx, org.id, email);
    if (role !== 'admin') await checkNotLast(tx, org.id, member);
    const now = clock.now();
    await rows.putMember(tx, { orgId: org.id, accountId: member.accountId, role, now });
    await note(tx, { at: now, actor: user.account_id, action: 'org.role', subject: org.id }, role);
    return getOrg(tx, user.account_id, name);
  });
}

/**
 * Removes a member, or lets a person leave; the person's tokens for the organisation end.
 * @throws RiosError NOT_FOUND, AUTH_FORBIDDEN, CONFLICT_LAST_ADMIN
 */
export async function removeMember(
  { store, clock }: UserModules,
  user: UserRow,
  name: string,
  email: string,
): Promise<void> {
  await store.transaction().execute(async (tx) => {
    const org = await getOrg(tx, user.account_id, name);
    const leaves = normaliseEmail(email) === user.email;
    if (!leaves) await checkAdmin(tx, user, name);
    const member = await findMember(tx, org.id, email);
    await checkNotLast(tx, org.id, member);
    const now = clock.now();
    await rows.deleteMember(tx, org.id, member.accountId);
    await revokeUserTokens(tx, { createdBy: member.accountId, accountId: org.id, now });
    await appendAudit(tx, { at: now, actor: user.account_id, action: 'org.left', subject: member.accountId });
  });
}

async function checkAdmin(store: Store, user: UserRow, name: string): Promise<OrgView> {
  const org = await getOrg(store, user.account_id, name);
  if (org.role === 'admin') return org;
  throw new RiosError('AUTH_FORBIDDEN', `you are no admin of ${name}`);
}

async function findMember(store: Store, orgId: string, email: string): Promise<rows.MemberRow> {
  const wanted = normaliseEmail(email);
  const member = (await rows.listMembers(store, orgId)).find((one) => one.email === wanted);
  if (member === undefined) throw new RiosError('NOT_FOUND', 'the organisation has no such member');
  return member;
}

async function checkNotLast(store: Store, orgId: string, member: rows.MemberRow): Promise<void> {
  const admins = (await rows.listMembers(store, orgId)).filter(({ role }) => role === 'admin');
  if (admins.length !== 1 || admins[0]?.accountId !== member.accountId) return;
  throw new RiosError('CONFLICT_LAST_ADMIN', 'an organisation keeps an admin');
}

const note = (tx: Store, fact: Parameters<typeof appendAudit>[1], role: string) =>
  appendAudit(tx, { ...fact, details: { role } });
