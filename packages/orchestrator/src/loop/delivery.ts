import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { Link } from '@rios/sdk/wire/link';
import { CONTROL, type Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import type { LiveWorker } from '../p2p/live-worker.ts';

/** A worker that did not take what it was told is told again after this long. */
const RETRY_MS = 1_000;

/** Tells this orchestrator's own workers what they shall have: once per link, and again when it changes. */
export interface Delivery {
  start(): void;
  /** The table or a worker changed: looks now, and again right after if called while at work. */
  wake(): void;
  /** Waits for what is being told. Idempotent. */
  stop(): Promise<void>;
}

export interface DeliveryModules {
  readonly clock: Clock;
  readonly log: Log;
  /** What is told, for people: `assignment`. */
  readonly what: string;
  readonly method: Method;
  readonly table: DeliveryTable;
  /** Those without a link are told by the orchestrator that has it. */
  readonly workers: () => readonly Pick<LiveWorker, 'peerId' | 'state' | 'link'>[];
  /** Whether workers in this state are told. */
  readonly tells: (state: LiveWorker['state']) => boolean;
  /** The table was read anew. */
  readonly onRead: () => void;
  /** How often the table is read for what another orchestrator wrote; undefined = nobody else does. */
  readonly pollMs: number | undefined;
}

/** What each worker shall have, as the store says. */
export interface DeliveryTable {
  /** Reads what changed since the last time. */
  refresh(): Promise<void>;
  /** Undefined = it is told nothing. */
  newest(workerId: string): { readonly generation: number } | undefined;
}

interface Told {
  readonly link: Link;
  readonly generation: number;
}

export function createDelivery(modules: DeliveryModules): Delivery {
  const { clock, log, what, method, table, workers, pollMs } = modules;
  const told = new Map<string, Told>();
  const telling = new Map<string, Promise<void>>();
  /** Links on which it was not taken, and when. */
  const refused = new WeakMap<Link, number>();
  let stopped = true;
  let again = false;
  let busy: Promise<void> | undefined;
  let cancelTimer = () => {};

  const wakeAfter = (delayMs: number) => {
    cancelTimer();
    if (!stopped) cancelTimer = clock.after(delayMs, wake);
  };
  const tell = async (peerId: string, link: Link) => {
    const newest = table.newest(peerId);
    if (newest === undefined) return;
    const { generation } = newest;
    try {
      await link.request(method, payload(newest), { deadlineMs: CONTROL.timeoutMs });
      told.set(peerId, { link, generation });
      log.info(`${what} taken`, { peerId, generation });
    } catch (error) {
      log.warn(`${what} not taken`, { peerId, generation, error: String(error) });
      refused.set(link, clock.now());
      if (!link.closed) wakeAfter(RETRY_MS);
      throw error;
    }
  };
  const isNews = (peerId: string, link: Link): boolean => {
    const newest = table.newest(peerId)?.generation ?? 0;
    const last = told.get(peerId);
    if (newest === 0 || (last?.link === link && last.generation >= newest)) return false;
    return clock.now() - (refused.get(link) ?? Number.NEGATIVE_INFINITY) >= RETRY_MS;
  };
  const look = async () => {
    await table.refresh();
    modules.onRead();
    for (const { peerId, state, link } of workers()) {
      if (link === null || !modules.tells(state) || telling.has(peerId)) continue;
      if (!isNews(peerId, link)) continue;
      const work = tell(peerId, link).finally(() => telling.delete(peerId));
      telling.set(peerId, work);
      // after a failure the timer, or the next link, asks again
      work.then(wake, () => {});
    }
  };
  const work = async () => {
    while (again && !stopped) {
      again = false;
      await look();
    }
    if (pollMs !== undefined) wakeAfter(pollMs);
  };
  const wake = () => {
    if (stopped) return;
    again = true;
    busy ??= work()
      .catch((error: unknown) => {
        again = false;
        log.error(`what workers shall have could not be read: ${what}`, { error: String(error) });
        wakeAfter(RETRY_MS);
      })
      .finally(() => {
        busy = undefined;
        if (again) wake();
      });
  };
  return {
    start: () => {
      stopped = false;
      wake();
    },
    wake,
    stop: async () => {
      stopped = true;
      cancelTimer();
      await busy;
      await Promise.allSettled(telling.values());
    },
  };
}
