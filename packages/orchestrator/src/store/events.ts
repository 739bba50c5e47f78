import type { EventView } from '@rios/sdk/schema/api';
import type { Store } from './store.ts';

/** Events kept; older ones are dropped as new ones come, some at a time. */
export const MAX_EVENTS = 10_000;
export const PRUNE_EVERY = 100;

/** Notes that something happened. `kind` for example `worker.lost`; `subject` the id or name it is about. */
export async function addEvent(
  store: Store,
  event: { at: number; kind: string; subject: string; message: string },
): Promise<void> {
  const { id } = await store.insertInto('events').values(event).returning('id').executeTakeFirstOrThrow();
  if (id % PRUNE_EVERY !== 0) return;
  await store
    .deleteFrom('events')
    .where('id', '<=', id - MAX_EVENTS)
    .execute();
}

/** The newest events first, at most `limit`. */
export async function listEvents(store: Store, limit: number): Promise<EventView[]> {
  return store.selectFrom('events').selectAll().orderBy('id', 'desc').limit(limit).execute();
}

/** Events after the one with this id, ascending, at most `limit`. */
export async function listEventsAfter(store: Store, id: number, limit: number): Promise<EventView[]> {
  return store.selectFrom('events').selectAll().where('id', '>', id).orderBy('id').limit(limit).execute();
}

/** Ids of the oldest and the newest event kept; zeros when there is none. */
export async function eventBounds(store: Store): Promise<{ oldest: number; newest: number }> {
  const { oldest, newest } = await store
    .selectFrom('events')
    .select(({ fn }) => [fn.min('id').as('oldest'), fn.max('id').as('newest')])
    .executeTakeFirstOrThrow();
  return { oldest: Number(oldest ?? 0), newest: Number(newest ?? 0) };
}
