import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { DeploymentState } from '@rios/sdk/schema/deployment';
import type { AppRoute, AppRoutes } from './app-routes.ts';
import type { Figures } from './figures.ts';

export interface AwaitModules {
  readonly routes: AppRoutes;
  readonly figures: Figures;
  readonly clock: Clock;
  /** How long a request waits for a replica, ms. */
  readonly waitMs: number;
}

/** The route of an application once it has a replica. Throws NOT_FOUND, CAPACITY_NO_REPLICA. */
export type AwaitTarget = (
  name: string,
  signal: AbortSignal,
) => Promise<AppRoute & { readonly port: number }>;

/** Requests of one application that may wait. */
const MAX_WAITING = 512;
/** The table is in memory: looking is cheap. */
const LOOK_MS = 20;

/** Whose replicas may come by themselves. */
const COMING: ReadonlySet<DeploymentState> = new Set(['pending', 'rolling', 'ready', 'degraded', 'asleep']);

/** Wakes an application without a replica, and has its requests wait for the first one. */
export function createAwaitTarget({ routes, figures, clock, waitMs }: AwaitModules): AwaitTarget {
  const look = (name: string): AppRoute & { readonly port: number } => {
    const route = routes.find(name);
    if (route === undefined) throw new RiosError('NOT_FOUND', `there is no application ${name} here`);
    const { port } = route;
    if (port === null) throw new RiosError('NOT_FOUND', `${name} declares no port: nothing reaches it`);
    return { ...route, port };
  };
  return async (name, signal) => {
    const first = look(name);
    if (first.targets.length > 0) return first;
    if (!COMING.has(first.state)) throw unserved(name, `it is ${first.state}`);
    if (figures.read(first.deploymentId, 0).waiting >= MAX_WAITING)
      throw unserved(name, `${MAX_WAITING} requests wait for it already`);
    const over = figures.waits(first.deploymentId);
    try {
      for (let waitedMs = 0; waitedMs < waitMs; waitedMs += LOOK_MS) {
        routes.wake(name);
        await pause(clock, LOOK_MS, signal);
        const route = look(name);
        if (route.targets.length > 0) return route;
        if (!COMING.has(route.state)) throw unserved(name, `it is ${route.state}`);
      }
      throw unserved(name, `none of its replicas was healthy within ${waitMs / 1000} s`);
    } finally {
      over();
    }
  };
}

const unserved = (name: string, why: string) =>
  new RiosError('CAPACITY_NO_REPLICA', `${name} is not served now: ${why}`);

/** Waits, unless the signal ends it. */
async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const cancel = clock.after(ms, resolve);
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await promise;
  } finally {
    cancel();
    signal.removeEventListener('abort', onAbort);
  }
}
