import type { Earning, EarningsQuery } from '@rios/sdk/schema/earnings';
import type { Selectable } from 'kysely';
import type { BillLinesTable, BillsTable } from './billing-tables.ts';
import { billLineOf } from './read-bills.ts';
import type { Store } from './store.ts';

/** Where a page goes on: after the line of that time, request and number. */
interface Cursor {
  readonly at: number;
  readonly requestId: string;
  readonly line: number;
}

/** A page of the lines of bills for one worker, oldest first. */
export async function listEarnings(
  store: Store,
  worker: string,
  { from, limit, after }: EarningsQuery,
): Promise<{ earnings: Earning[]; next: string | null }> {
  const cursor = after === undefined ? undefined : parseCursor(after);
  const rows = await store
    .selectFrom('bill_lines')
    .innerJoin('bills', 'bills.request_id', 'bill_lines.request_id')
    .selectAll('bill_lines')
    .select('bills.outcome')
    .where('bill_lines.worker', '=', worker)
    .where('bill_lines.at', '>=', Math.max(from, cursor?.at ?? 0))
    .$if(cursor !== undefined, (query) =>
      query.where(({ eb, and, or }) => {
        const { at, requestId, line } = cursor ?? { at: 0, requestId: '', line: 0 };
        return or([
          eb('bill_lines.at', '>', at),
          eb('bill_lines.request_id', '>', requestId),
          and([eb('bill_lines.request_id', '=', requestId), eb('bill_lines.line', '>', line)]),
        ]);
      }),
    )
    .orderBy('bill_lines.at')
    .orderBy('bill_lines.request_id')
    .orderBy('bill_lines.line')
    .limit(limit + 1)
    .execute();
  const earnings = rows.slice(0, limit).map(toEarning);
  const last = earnings.at(-1);
  const isMore = rows.length > limit && last !== undefined;
  return { earnings, next: isMore ? `${last.at}:${last.requestId}:${last.line}` : null };
}

function parseCursor(text: string): Cursor {
  const [at = '', requestId = '', line = ''] = text.split(':');
  return { at: Number(at), requestId, line: Number(line) };
}

const toEarning = (row: Selectable<BillLinesTable> & Pick<BillsTable, 'outcome'>): Earning => ({
  ...billLineOf(row),
  outcome: row.outcome,
});
