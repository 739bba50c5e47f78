import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { EventView } from '@rios/sdk/schema/api';
import type { StoredEvent } from '../store/events.ts';
import { type Settled, settleEvents } from './settle-events.ts';

/** How often the store is asked while anybody watches. */
const POLL_MS = 250;
/** Events read at once. */
const PAGE = 500;
/** Newest events kept in memory for those who keep up. */
const RECENT = 1_000;
/** At the start, ids may be missing among so many of the newest. */
const LOOK_BACK = 100;

/** Where events are read. */
export interface EventSource {
  /** Ids of the oldest and the newest event kept; zeros when there is none. */
  bounds(): Promise<{ readonly oldest: number; readonly newest: number }>;
  /** Ascending by id, at most `limit`. */
  after(id: number, limit: number): Promise<readonly StoredEvent[]>;
}

export interface Watch {
  /** Go on after this event; undefined = from now on. */
  readonly after: number | undefined;
  readonly topics: readonly string[] | undefined;
  /** Who watches: the events of other accounts are not for it. */
  readonly accountId: string;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** The next event waits for it. */
  readonly send: (event: EventView) => Promise<void>;
}

/** Tells events to many at once: one reader of the store for all, each listener at its own pace. */
export interface EventFeed {
  /** Sends events in the order of their ids until the signal aborts. Throws what `send` throws. */
  watch(watch: Watch): Promise<void>;
  readonly listeners: number;
}

/** Reads the store only while somebody listens; any orchestrator's events are told, whoever wrote them. */
export function createEventFeed(modules: { source: EventSource; clock: Clock; log: Log }): EventFeed {
  const { source, clock, log } = modules;
  const wakers = new Set<() => void>();
  let listeners = 0;
  let recent: StoredEvent[] = [];
  let settled: Settled = { upTo: 0, gapSince: undefined };
  let ready: Promise<void> | undefined;
  let cancel = () => {};
  /** Counts the beginnings: a reader of an earlier one does not go on. */
  let era = 0;

  const poll = async () => {
    const events = await source.after(settled.upTo, PAGE);
    const next = settleEvents(events, settled, clock.now());
    settled = next.state;
    if (next.told.length === 0) return;
    recent = [...recent, ...next.told].slice(-RECENT);
    for (const wake of [...wakers]) wake();
  };
  const schedule = (mine: number) => {
    if (listeners === 0 || mine !== era) return;
    cancel = clock.after(POLL_MS, () => {
      poll()
        .catch((error: unknown) => log.warn('events could not be read', { error: String(error) }))
        .then(() => schedule(mine));
    });
  };
  const begin = async () => {
    const { newest } = await source.bounds();
    settled = { upTo: Math.max(0, newest - LOOK_BACK), gapSince: undefined };
    recent = [];
    await poll();
    era++;
    schedule(era);
  };
  const passed = (cursor: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal.aborted || settled.upTo > cursor) return resolve();
      const wake = () => {
        wakers.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      wakers.add(wake);
      signal.addEventListener('abort', wake);
    });
  /** What comes after `cursor` and is settled: from memory, or from the store for who fell behind. */
  const next = async (cursor: number): Promise<readonly StoredEvent[]> => {
    if (cursor >= settled.upTo) return [];
    const { upTo } = settled;
    const oldest = recent[0]?.id ?? Number.POSITIVE_INFINITY;
    const events = cursor + 1 >= oldest ? recent : await source.after(cursor, PAGE);
    const found = events.filter(({ id }) => id > cursor && id <= upTo);
    return found.length > 0 ? found : recent.filter(({ id }) => id > cursor);
  };
  const enter = () => {
    listeners++;
    ready ??= begin().catch((error: unknown) => {
      ready = undefined;
      throw error;
    });
    return ready;
  };
  const leave = () => {
    listeners--;
    if (listeners > 0) return;
    cancel();
    ready = undefined;
  };
  return {
    get listeners() {
      return listeners;
    },
    watch: async ({ after, topics, accountId, signal, send }) => {
      const wanted = (event: StoredEvent) =>
        (event.accountId === null || event.accountId === accountId) &&
        (topics === undefined || topics.includes(event.kind.split('.')[0] ?? ''));
      try {
        await enter();
        const { oldest, newest } = await source.bounds();
        let cursor = Math.min(after ?? newest, newest);
        if (cursor > 0 && cursor + 1 < oldest) {
          cursor = oldest - 1;
          await send(missedEvent(cursor, clock.now()));
        }
        while (!signal.aborted) {
          const events = await next(cursor);
          if (events.length === 0) await passed(cursor, signal);
          for (const event of events) {
            if (signal.aborted) return;
            if (wanted(event)) await send(toView(event));
            cursor = event.id;
          }
        }
      } finally {
        leave();
      }
    },
  };
}

/** What the client is told: whose it is, it knows. */
const toView = ({ id, at, kind, subject, message }: StoredEvent): EventView => ({
  id,
  at,
  kind,
  subject,
  message,
});

/** Told to who resumes after an event so old that some later ones are kept no more. */
const missedEvent = (id: number, at: number): EventView => ({
  id,
  at,
  kind: 'events.missed',
  subject: 'events',
  message: 'older events are not kept; read the state anew',
});
