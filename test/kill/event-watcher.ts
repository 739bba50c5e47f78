import type { EventView } from '@rios/sdk/schema/api';
import { type LoadContext, robinOf } from './load.ts';

/** Who listens to events all the time, at whichever orchestrator lives. */
export interface EventWatcher {
  readonly seen: readonly EventView[];
  /** Resolves once the load is over and the event with this id has come. */
  until(id: number, timeoutMs: number): Promise<void>;
  readonly running: Promise<void>;
  stop(): void;
}

/** Watches from the first event on; goes on after the last one seen wherever the stream broke. */
export function watchEvents(context: LoadContext): EventWatcher {
  const robin = robinOf(context, context.token, Number.POSITIVE_INFINITY);
  const seen: EventView[] = [];
  const stopping = new AbortController();
  const waiting = new Set<() => void>();
  const last = () => seen.at(-1)?.id ?? 0;
  const watch = async () => {
    while (!stopping.signal.aborted) {
      await robin
        .call(async (client) => {
          const call = { query: { after: last() }, signal: stopping.signal, timeoutMs: 60_000 };
          for await (const event of client.stream('watchEvents', call)) {
            seen.push(event);
            for (const check of [...waiting]) check();
          }
        })
        .catch((error: unknown) => {
          if (!stopping.signal.aborted) context.done.wrong.push(`watching: ${String(error)}`);
        });
    }
  };
  return {
    seen,
    running: watch(),
    stop: () => stopping.abort(),
    until: (id, timeoutMs) =>
      new Promise((resolve, reject) => {
        const finish = (end: () => void) => {
          clearTimeout(timer);
          waiting.delete(check);
          end();
        };
        const check = () => {
          if (last() >= id) finish(resolve);
        };
        const late = () => reject(new Error(`event ${id} was not told; the last one was ${last()}`));
        const timer = setTimeout(() => finish(late), timeoutMs);
        waiting.add(check);
        check();
      }),
  };
}
