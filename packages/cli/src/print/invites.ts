import type { InviteView } from '@rios/sdk/schema/api';
import { formatAgo, formatDuration, shortId } from './format.ts';
import { formatTable } from './table.ts';

/** One row for each invite. */
export function formatInvites(invites: readonly InviteView[], now: number): string {
  return formatTable(
    ['id', 'state', 'created', 'expires', 'uses', 'used by'],
    invites.map((invite) => [
      invite.id,
      invite.state,
      formatAgo(invite.createdAt, now),
      invite.expiresAt > now ? `in ${formatDuration(invite.expiresAt - now)}` : 'expired',
      `${invite.usedBy.length} of ${invite.maxUses}`,
      invite.usedBy.map(shortId).join(' '),
    ]),
  );
}
