import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import { endDead } from '../billing/end-dead.ts';
import { STOPPED } from '../store/requests.ts';
import type { Store } from '../store/store.ts';

/** Requests that nobody carries out any more, and whose end the store has not taken. */
export interface UnendedRequests {
  add(requestId: string, cause: unknown): void;
  /** Ends them now; those that the store refuses again wait for the next call. */
  end(): Promise<void>;
}

export function createUnendedRequests(modules: { store: Store; clock: Clock; log: Log }): UnendedRequests {
  const { store, clock, log } = modules;
  const waiting = new Set<string>();
  return {
    add: (requestId, cause) => {
      log.error('the end of a request was not written; it is tried again', {
        requestId,
        error: String(cause),
      });
      waiting.add(requestId);
    },
    end: async () => {
      for (const id of [...waiting]) {
        const end = { ...STOPPED, finishedAt: clock.now() };
        const done = await store
          .transaction()
          .execute((tx) => endDead(tx, { id }, end))
          .catch(() => undefined);
        if (done !== undefined) waiting.delete(id);
      }
    },
  };
}
