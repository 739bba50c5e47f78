import type { Endpoints } from './endpoint.ts';
import type { EventFeed } from './event-feed.ts';

/** Events as a stream without end: it stops when the client is gone, or the server begins to stop. */
export function createWatchEndpoint(modules: {
  feed: EventFeed;
  drainSignal: AbortSignal;
}): Endpoints['watchEvents'] {
  return async ({ query, caller, lastEventId, signal }) => ({
    kind: 'stream',
    endless: true,
    run: (send) =>
      modules.feed.watch({
        after: lastEventId ?? query.after,
        topics: query.topics,
        accountId: caller.accountId,
        signal: AbortSignal.any([signal, modules.drainSignal]),
        send: (event) => send(event, event.id),
      }),
  });
}
