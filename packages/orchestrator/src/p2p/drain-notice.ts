import type { Log } from '@rios/sdk/log';
import type { Link } from '@rios/sdk/wire/link';
import { CONTROL, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import type { LiveWorker } from './live-worker.ts';

/** Tells a worker with a link here that it is to drain, once per link. */
export interface DrainNotice {
  tell(worker: LiveWorker): void;
}

export function createDrainNotice(log: Log): DrainNotice {
  const told = new WeakSet<Link>();
  return {
    tell: ({ peerId, link }) => {
      if (link === null || told.has(link)) return;
      told.add(link);
      void link
        .request(Method.drain, payload(), { deadlineMs: CONTROL.timeoutMs })
        .catch((error: unknown) => {
          told.delete(link);
          log.warn('the worker was not told to drain', { peerId, error: String(error) });
        });
    },
  };
}
