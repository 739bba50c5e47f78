import { randomUUID } from 'node:crypto';
import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import {
  buryQueueMessage,
  deleteQueueMessage,
  insertQueueMessage,
  listDeadQueueMessages,
  postponeQueueMessage,
  type QueueMessageRow,
  takeQueueMessage,
} from '../store/queue-messages.ts';
import type { Store } from '../store/store.ts';
import { createAlarm } from './alarm.ts';
import { type ConsumeOptions, checkMessage, type Queue, reasonOf, type Work } from './queue.ts';

/** A consumer that died keeps its message from the others for at most this long. */
const LEASE_MS = 30_000;
/** Messages published at another orchestrator are seen this late at most. */
const POLL_MS = 500;

export interface StoreQueueModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** A queue in the store; its consumers ask the store, and are woken by messages published here. */
export function createStoreQueue(modules: StoreQueueModules): Queue {
  const { store, clock } = modules;
  const alarm = createAlarm(clock);
  const consumers = new Set<() => Promise<void>>();
  return {
    publish: async (topic, body, delayMs = 0) => {
      checkMessage(topic, body);
      const id = randomUUID();
      await insertQueueMessage(store, { id, topic, body, delayMs });
      alarm.ring();
      return id;
    },
    consume: async (topic, options, work) => {
      checkMessage(topic, '');
      const end = runConsumer(modules, topic, options, work, alarm);
      consumers.add(end);
      return async () => {
        consumers.delete(end);
        await end();
      };
    },
    listDead: async (topic, limit) => {
      const rows = await listDeadQueueMessages(store, topic, limit);
      return rows.map(({ id, body, attempts, dead_reason }) => ({
        id,
        body,
        attempts,
        reason: dead_reason ?? '',
      }));
    },
    stop: async () => {
      await Promise.all([...consumers].map((end) => end()));
    },
  };
}

function runConsumer(
  modules: StoreQueueModules,
  topic: string,
  options: ConsumeOptions,
  work: Work,
  alarm: ReturnType<typeof createAlarm>,
): () => Promise<void> {
  const { store, log } = modules;
  const underWay = new Set<Promise<void>>();
  let stopped = false;
  const run = async () => {
    while (!stopped) {
      if (underWay.size >= options.concurrency) {
        await Promise.race(underWay);
        continue;
      }
      const row = await takeQueueMessage(store, topic, LEASE_MS).catch((error: unknown) => {
        log.warn('the queue cannot be read', { topic, error: reasonOf(error) });
        return undefined;
      });
      if (row === undefined) {
        if (!stopped) await alarm.wait(POLL_MS);
        continue;
      }
      const working = carryOut(modules, row, options, work).finally(() => underWay.delete(working));
      underWay.add(working);
    }
    await Promise.all(underWay);
  };
  const running = run();
  return async () => {
    stopped = true;
    alarm.ring();
    await running;
  };
}

/** Works on one message and settles it. Never throws: what cannot be settled now is due again with its lease. */
async function carryOut(
  { store, clock, log }: StoreQueueModules,
  row: QueueMessageRow,
  { maxAttempts, backoffMs }: ConsumeOptions,
  work: Work,
): Promise<void> {
  const { id, topic, body, attempts: attempt } = row;
  const release = keepLease(store, clock, row);
  try {
    const failure = attempt > maxAttempts ? new Error('its consumers died') : await tryWork(work, row);
    release();
    if (failure === undefined) return await deleteQueueMessage(store, row);
    log.warn('a message failed', { topic, id, attempt, error: reasonOf(failure) });
    if (attempt >= maxAttempts) return await buryQueueMessage(store, row, reasonOf(failure));
    await postponeQueueMessage(store, row, backoffMs(attempt));
  } catch (error) {
    log.warn('a message could not be settled', { topic, id, bytes: body.length, error: reasonOf(error) });
  } finally {
    release();
  }
}

/** What the work failed with; undefined when it was done. */
async function tryWork(work: Work, { id, topic, body, attempts }: QueueMessageRow): Promise<unknown> {
  try {
    await work({ id, topic, body, attempt: attempts });
    return undefined;
  } catch (error) {
    return error ?? new Error('failed');
  }
}

/** Renews the lease until the returned function is called. */
function keepLease(store: Store, clock: Clock, row: QueueMessageRow): () => void {
  let cancel = () => {};
  let held = true;
  const renew = () => {
    cancel = clock.after(LEASE_MS / 3, async () => {
      // A failure is no news: the next renewal may succeed, and if not, the message is due again.
      await postponeQueueMessage(store, row, LEASE_MS).catch(() => false);
      if (held) renew();
    });
  };
  renew();
  return () => {
    held = false;
    cancel();
  };
}
