import type { EventView } from '@rios/sdk/schema/api';
import type { Store } from './store.ts';

/** Events kept; older ones are dropped as new ones come. */
export const MAX_EVENTS = 10_000;

/** Notes that something happened. `kind` for example `worker.lost`; `subject` the id or name it is about. */
export async function addEvent(
  store: Store,
  event: { at: number; kind: string; subject: string; message: string },
): Promise<void> {
  const { id } = await store.insertInto('events').values(event).returning('id').executeTakeFirstOrThrow();
  await store
    .deleteFrom('events')
    .where('id', '<=', id - MAX_EVENTS)
    .execute();
}

/** The newest events first, at most `limit`. */
export async function listEvents(store: Store, limit: number): Promise<EventView[]> {
  return store.selectFrom('events').selectAll().orderBy('id', 'desc').limit(limit).execute();
}
