import type { EventView } from '@rios/sdk/schema/api';
import type { ReleaseView } from '@rios/sdk/schema/deployment';
import { cleanCell } from '../clean.ts';
import { formatAgo, shorten } from '../format.ts';
import { formatTable } from '../table.ts';

/** Newest first, as they come. */
export function formatReleases(releases: readonly ReleaseView[], now: number): string {
  return formatTable(
    ['release', 'state', 'made', 'by', 'of', 'digest', 'reason'],
    releases.map((one) => [
      String(one.number),
      one.state,
      formatAgo(one.createdAt, now),
      one.createdBy,
      one.rollbackOf === null ? '-' : `release ${one.rollbackOf}`,
      one.digest.replace(/^(.*sha256:)?([0-9a-f]{12})[0-9a-f]{52}$/, '$2'),
      shorten(one.reason),
    ]),
  );
}

/** One line for each event. */
export const formatEvent = ({ at, kind, message }: EventView): string =>
  `${new Date(at).toISOString()}  ${cleanCell(kind)}  ${cleanCell(message)}`;
