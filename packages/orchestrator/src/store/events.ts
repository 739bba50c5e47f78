import type { EventView } from '@rios/sdk/schema/api';
import type { Store } from './store.ts';

/**
 * So many of the events that are for all are kept, and of those of one account what is among so many ids; older
 * ones are dropped as new ones come, some at a time.
 */
export const MAX_EVENTS = 10_000;
export const PRUNE_EVERY = 100;
/** Longest message of an event, characters. */
const MAX_MESSAGE = 500;

/** An event, and whose it is. */
export interface StoredEvent extends EventView {
  /** The only account that may see it; null = everybody who may see events. */
  readonly accountId: string | null;
}

export interface NewEvent {
  readonly at: number;
  /** For example `worker.lost`. */
  readonly kind: string;
  /** The id or name that it is about. */
  readonly subject: string;
  readonly message: string;
  readonly accountId?: string;
}

/** Notes that something happened, best in the transaction in which it does. */
export async function addEvent(
  store: Store,
  { at, kind, subject, message, accountId }: NewEvent,
): Promise<void> {
  const { id } = await store
    .insertInto('events')
    .values({ at, kind, subject, message: message.slice(0, MAX_MESSAGE), account_id: accountId ?? null })
    .returning('id')
    .executeTakeFirstOrThrow();
  if (id % PRUNE_EVERY !== 0) return;
  await store
    .deleteFrom('events')
    .where('account_id', 'is not', null)
    .where('id', '<=', id - MAX_EVENTS)
    .execute();
  await store
    .deleteFrom('events')
    .where('account_id', 'is', null)
    .where('id', '<=', ({ selectFrom }) =>
      selectFrom('events as newer')
        .select('newer.id')
        .where('newer.account_id', 'is', null)
        .orderBy('newer.id', 'desc')
        .limit(1)
        .offset(MAX_EVENTS),
    )
    .execute();
}

/** The newest events that are for all first, at most `limit`. */
export async function listEvents(store: Store, limit: number): Promise<EventView[]> {
  return store
    .selectFrom('events')
    .select(['id', 'at', 'kind', 'subject', 'message'])
    .where('account_id', 'is', null)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** The newest events of one account first, of kinds that begin so; at most `limit`. */
export async function listEventsOf(
  store: Store,
  accountId: string,
  kindPrefix: string,
  limit: number,
): Promise<EventView[]> {
  return store
    .selectFrom('events')
    .select(['id', 'at', 'kind', 'subject', 'message'])
    .where('account_id', '=', accountId)
    .where('kind', 'like', `${kindPrefix}%`)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** What happened to one thing of one account, oldest first; at most `limit`, and then the newest. */
export async function listEventsAbout(
  store: Store,
  {
    accountId,
    subject,
    kindPrefix,
    after,
    sinceAt,
    limit,
  }: {
    readonly accountId: string;
    readonly subject: string;
    readonly kindPrefix: string;
    /** Id of the last one that is known. */
    readonly after: number;
    /** The subject's name may have been another's before. */
    readonly sinceAt: number;
    readonly limit: number;
  },
): Promise<EventView[]> {
  const newest = await store
    .selectFrom('events')
    .select(['id', 'at', 'kind', 'subject', 'message'])
    .where('account_id', '=', accountId)
    .where('subject', '=', subject)
    .where('kind', 'like', `${kindPrefix}%`)
    .where('id', '>', after)
    .where('at', '>=', sinceAt)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return newest.reverse();
}

/** Everybody's events after the one with this id, ascending, at most `limit`. */
export async function listEventsAfter(store: Store, id: number, limit: number): Promise<StoredEvent[]> {
  return store
    .selectFrom('events')
    .select(['id', 'at', 'kind', 'subject', 'message', 'account_id as accountId'])
    .where('id', '>', id)
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** The first id since which every event is kept, and the newest id; zeros when there is none. */
export async function eventBounds(store: Store): Promise<{ oldest: number; newest: number }> {
  const found = await store
    .selectFrom('events')
    .select(({ fn }) => [fn.min('id').as('oldest'), fn.max('id').as('newest')])
    .executeTakeFirstOrThrow();
  const newest = Number(found.newest ?? 0);
  const pruned = newest - (newest % PRUNE_EVERY) - MAX_EVENTS;
  return { oldest: Math.max(Number(found.oldest ?? 0), pruned + 1), newest };
}
