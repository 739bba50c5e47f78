import type { SessionView } from '@rios/sdk/schema/account';
import type { CliResults } from '@rios/sdk/schema/cli-results';
import { cleanText } from './clean.ts';
import { formatAgo, formatDuration } from './format.ts';
import { formatFields, formatTable } from './table.ts';

/** Where a person is signed in. */
export function formatSessions(sessions: readonly SessionView[], now: number): string {
  return formatTable(
    ['id', 'by', 'from', 'last used', 'ends in', ''],
    sessions.map((one) => [
      one.id,
      one.client,
      one.address,
      formatAgo(one.lastUsedAt, now),
      formatDuration(Math.max(0, one.expiresAt - now)),
      one.current ? 'this one' : '',
    ]),
  );
}

/** The outside logins that are offered, then those that open the account. */
export function formatOutside({ logins, identities }: CliResults['auth:outside:list'], now: number): string {
  const offered = formatTable(
    ['login', 'issuer'],
    logins.map(({ id, issuer }) => [id, issuer]),
  );
  if (identities === null) return offered;
  const linked = formatTable(
    ['linked', 'by', 'address there', 'last used'],
    identities.map((one) => [one.id, one.login, one.email || '-', formatAgo(one.lastUsedAt, now)]),
  );
  return `${offered}\n\n${linked}`;
}

/** What goes into an authenticator app, by hand or as an address. */
export function formatTotp(secret: string, uri: string): string {
  return formatFields([
    ['secret', secret],
    ['address', uri],
  ]);
}

/** One a line. */
export const formatCodes = (codes: readonly string[]): string => cleanText(codes.join('\n'));
