import type { ServerResponse } from 'node:http';
import { RiosError } from '@rios/sdk/errors/error';

/** The requests being answered, so that the server can wait for them, and end them, when it stops. */
export interface LiveRequests {
  /** Registers a request until its response closes. The signal aborts when the client is gone. */
  open(response: ServerResponse): AbortSignal;
  readonly draining: boolean;
  /** Aborts when draining begins: streams without end leave then, and do not hold up the stop. */
  readonly drainSignal: AbortSignal;
  /** No new request from now on; resolves when the last one is answered. */
  drain(): Promise<void>;
  /** Aborts what is left. */
  abort(): void;
}

export function createLiveRequests(): LiveRequests {
  const live = new Set<AbortController>();
  const drainBegins = new AbortController();
  let draining = false;
  let drained = () => {};
  const settle = () => {
    if (draining && live.size === 0) drained();
  };
  return {
    open: (response) => {
      const controller = new AbortController();
      live.add(controller);
      response.once('close', () => {
        if (!response.writableFinished) {
          controller.abort(new RiosError('USER_INTERRUPTED', 'the client closed the connection'));
        }
        live.delete(controller);
        settle();
      });
      return controller.signal;
    },
    get draining() {
      return draining;
    },
    drainSignal: drainBegins.signal,
    drain: () =>
      new Promise((resolve) => {
        draining = true;
        drained = resolve;
        drainBegins.abort(new RiosError('CAPACITY_DRAINING', 'the orchestrator is stopping'));
        settle();
      }),
    abort: () => {
      const reason = new RiosError('CAPACITY_DRAINING', 'the orchestrator is stopping');
      for (const controller of live) controller.abort(reason);
    },
  };
}
