import type { AuditEntry, OrgView, TokenView, Whoami } from '@rios/sdk/schema/account';
import { formatAgo, formatDuration } from './format.ts';
import { formatFields, formatTable } from './table.ts';

/** The account behind a token. */
export function formatWhoami(who: Whoami): string {
  return formatFields([
    ['account', who.email ?? who.name],
    ['name', who.displayName ?? '-'],
    ['id', who.accountId],
    ['role', who.role],
    [
      'signed in by',
      { local: 'the local token', api: 'an API token', session: 'a login', oauth: 'a program' }[
        who.tokenKind
      ],
    ],
    ['may do', who.scopes.join(' ')],
    ['second factor', who.totp ? 'on' : 'off'],
    ['organisations', who.orgs.map(({ name, role }) => `${name} (${role})`).join(' ') || '-'],
  ]);
}

/** API tokens, never their secrets. */
export function formatTokens(tokens: readonly TokenView[], now: number): string {
  const left = ({ state, expiresAt }: TokenView) =>
    state === 'valid' ? formatDuration(Math.max(0, expiresAt - now)) : '-';
  return formatTable(
    ['id', 'name', 'state', 'scopes', 'ends in', 'last used'],
    tokens.map((token) => [
      token.id,
      token.name,
      token.state,
      token.scopes.join(' '),
      left(token),
      formatAgo(token.lastUsedAt, now),
    ]),
  );
}

/** One row for each organisation. */
export function formatOrgs(orgs: readonly OrgView[]): string {
  return formatTable(
    ['name', 'your role', 'members', 'id'],
    orgs.map((org) => [org.name, org.role, String(org.members.length), org.id]),
  );
}

/** One row for each member. */
export function formatMembers(org: OrgView): string {
  return formatTable(
    ['email', 'name', 'role'],
    org.members.map(({ email, displayName, role }) => [email, displayName, role]),
  );
}

/** The audit log, as the server gives it. */
export function formatAudit(entries: readonly AuditEntry[]): string {
  return formatTable(
    ['seq', 'at', 'actor', 'action', 'subject', 'details'],
    entries.map(({ seq, at, actor, action, subject, details }) => [
      String(seq),
      new Date(at).toISOString(),
      actor || '-',
      action,
      subject,
      Object.entries(details)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
    ]),
  );
}
