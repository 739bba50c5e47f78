import { routes } from '@rios/sdk/api/routes';
import { systemClock as clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { silentLog as log } from '@rios/sdk/log';
import { createMemoryCache } from '../../src/cache/memory-cache.ts';
import type { FindCaller } from '../../src/gateway/authenticate.ts';
import { createGateway } from '../../src/gateway/create-gateway.ts';
import type { ServiceEndpoints } from '../../src/gateway/endpoint.ts';
import { createStore, type Store } from '../../src/store/store.ts';
import { ANSWER } from './shared.ts';

/** The rate limiter counts as always; it never refuses here. */
const RATE = { burst: 1_000_000, perSecond: 1_000_000 };

/** A store in memory. */
export const openBenchStore = (): Promise<Store> => createStore({ file: ':memory:' });

/** The whole gateway, every route mounted, with the handler of the bench behind createInvite. */
export async function startBenchGateway(findCaller: FindCaller, given?: Store): Promise<{ url: string }> {
  const refuse = async () => {
    throw new RiosError('NOT_FOUND', 'not part of this bench');
  };
  const others = Object.fromEntries(Object.keys(routes).map((name) => [name, refuse]));
  const endpoints = { ...others, createInvite: async () => ANSWER } as unknown as ServiceEndpoints;
  const store = given ?? (await openBenchStore());
  const cache = createMemoryCache(clock);
  const gateway = createGateway(
    { host: '127.0.0.1', port: 0, rate: RATE },
    { endpoints, findCaller, store, cache, clock, log },
  );
  return { url: await gateway.start() };
}
