import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { Cache } from '../cache/cache.ts';
import type { OauthServer } from '../services/oauth/oauth-server.ts';
import { repeat } from '../services/repeat.ts';
import { eventBounds, listEventsAfter } from '../store/events.ts';
import { createIdempotencyStore } from '../store/idempotency.ts';
import type { Store } from '../store/store.ts';
import { createAdmission } from './admit.ts';
import { auditRefusals, createNoteRefusal } from './audit-refusals.ts';
import type { FindCaller } from './authenticate.ts';
import { createAddressReader } from './client-address.ts';
import type { ServiceEndpoints } from './endpoint.ts';
import { createEventFeed } from './event-feed.ts';
import { createEventSocket } from './event-socket.ts';
import { createIdempotency } from './idempotency.ts';
import { createLiveRequests } from './live-requests.ts';
import { mountGateway } from './mount.ts';
import { createRateLimiter, type RateLimit } from './rate-limit.ts';
import { type ApiServer, createApiServer, type ServerOptions } from './server.ts';

/** Expired idempotency keys are forgotten this often. */
const SWEEP_INTERVAL_MS = 600_000;

export interface GatewayOptions extends ServerOptions {
  /** Calls of one account, or of one address without a valid token. */
  readonly rate?: RateLimit;
  /** Addresses and networks of proxies in front, whose X-Forwarded-For counts. */
  readonly trustedProxies?: readonly string[];
  /** Under which users reach the API, where that is not where it listens. */
  readonly publicUrl?: string | undefined;
}

export interface GatewayParts {
  readonly endpoints: ServiceEndpoints;
  readonly findCaller: FindCaller;
  readonly store: Store;
  readonly cache: Pick<Cache, 'take'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Peer id of this orchestrator. */
  readonly self: string;
  /** Our OAuth 2.0 server, if there is one. */
  readonly oauth?: OauthServer | undefined;
}

/** The whole front door on a store and a cache; nothing listens before `start`. */
export function createGateway(options: GatewayOptions, parts: GatewayParts): ApiServer {
  const { findCaller, store, clock, log, oauth } = parts;
  const noteRefusal = createNoteRefusal(parts);
  const endpoints = auditRefusals(parts.endpoints, noteRefusal);
  const live = createLiveRequests();
  const admission = createAdmission({
    findCaller,
    limiter: createRateLimiter(parts, options.rate),
    noteRefusal,
  });
  const keys = createIdempotencyStore(store);
  const source = {
    bounds: () => eventBounds(store),
    after: (id: number, limit: number) => listEventsAfter(store, id, limit),
  };
  const feed = createEventFeed({ source, clock, log });
  const idempotency = createIdempotency({ store: keys, clock, orchestrator: parts.self });
  const { drainSignal } = live;
  const clientAddress = createAddressReader(options.trustedProxies ?? []);
  const { publicUrl } = options;
  const listener = mountGateway(
    { publicUrl },
    { endpoints, admission, idempotency, feed, live, clientAddress, clock, log, oauth },
  );
  const onUpgrade = createEventSocket({ feed, admission, clientAddress, drainSignal, clock, log });
  const server = createApiServer(options, { listener, onUpgrade, live, clock, log });
  const stopSweep = repeat(
    clock,
    SWEEP_INTERVAL_MS,
    () => keys.sweep(clock.now()),
    (error) => log.error('forgetting idempotency keys failed', { error: String(error) }),
  );
  return {
    start: server.start,
    stop: async () => {
      await stopSweep();
      await server.stop();
    },
  };
}
