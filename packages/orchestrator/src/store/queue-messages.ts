import { type Selectable, sql } from 'kysely';
import type { QueueMessagesTable } from './database.ts';
import type { Store } from './store.ts';
import { storeTime } from './store-time.ts';

export type QueueMessageRow = Selectable<QueueMessagesTable>;

/** Which taking of a message is meant; one that lost its lease to a later taker changes nothing any more. */
export interface Taking {
  readonly seq: number;
  readonly attempts: number;
}

/** Adds a message, also as part of a transaction with what it is about. */
export async function insertQueueMessage(
  store: Store,
  message: { id: string; topic: string; body: string; delayMs: number },
): Promise<void> {
  const { id, topic, body, delayMs } = message;
  await store
    .insertInto('queue_messages')
    .values({ id, topic, body, attempts: 0, due_at: later(store, delayMs), dead_reason: null })
    .execute();
}

/** Takes the message that is due longest; it is due again after `leaseMs`, unless it is settled before. */
export async function takeQueueMessage(
  store: Store,
  topic: string,
  leaseMs: number,
): Promise<QueueMessageRow | undefined> {
  return store
    .updateTable('queue_messages')
    .set(({ eb }) => ({ due_at: later(store, leaseMs), attempts: eb('attempts', '+', 1) }))
    .where('seq', '=', ({ selectFrom }) =>
      selectFrom('queue_messages')
        .select('seq')
        .where('topic', '=', topic)
        .where('dead_reason', 'is', null)
        .where('due_at', '<=', storeTime(store))
        .orderBy('due_at')
        .orderBy('seq')
        .limit(1),
    )
    .returningAll()
    .executeTakeFirst();
}

/** Sets when it is due again: to keep a lease, or to try later. False when the lease was lost. */
export async function postponeQueueMessage(store: Store, taking: Taking, delayMs: number): Promise<boolean> {
  const done = await settle(store, taking)
    .set({ due_at: later(store, delayMs) })
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

/** It will not be tried again. */
export async function buryQueueMessage(store: Store, taking: Taking, reason: string): Promise<void> {
  await settle(store, taking).set({ dead_reason: reason }).execute();
}

/** It was carried out. */
export async function deleteQueueMessage(store: Store, { seq, attempts }: Taking): Promise<void> {
  await store.deleteFrom('queue_messages').where('seq', '=', seq).where('attempts', '=', attempts).execute();
}

/** The oldest first. */
export async function listDeadQueueMessages(
  store: Store,
  topic: string,
  limit: number,
): Promise<QueueMessageRow[]> {
  return store
    .selectFrom('queue_messages')
    .selectAll()
    .where('topic', '=', topic)
    .where('dead_reason', 'is not', null)
    .orderBy('seq')
    .limit(limit)
    .execute();
}

const settle = (store: Store, { seq, attempts }: Taking) =>
  store.updateTable('queue_messages').where('seq', '=', seq).where('attempts', '=', attempts);

const later = (store: Store, delayMs: number) =>
  sql<number>`${storeTime(store)} + cast(${Math.ceil(delayMs)} as bigint)`;
