import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { Cache } from './cache/cache.ts';
import type { Queue } from './queue/queue.ts';
import { createStore, type Store } from './store/store.ts';

/** Where the servers behind an orchestrator are; without one, its part runs inside the orchestrator. */
export interface EngineUrls {
  readonly database: string | undefined;
  readonly redis: string | undefined;
  readonly amqp: string | undefined;
}

const SCHEMES = {
  DATABASE_URL: ['postgres:', 'postgresql:'],
  REDIS_URL: ['redis:', 'rediss:'],
  AMQP_URL: ['amqp:', 'amqps:'],
} as const;

/**
 * Reads DATABASE_URL, REDIS_URL and AMQP_URL. They hold passwords, so they are never flags, and no message repeats
 * them. @throws RiosError USER_INVALID_REQUEST
 */
export function readEngineUrls(env: NodeJS.ProcessEnv): EngineUrls {
  return Object.freeze({
    database: readUrl(env, 'DATABASE_URL'),
    redis: readUrl(env, 'REDIS_URL'),
    amqp: readUrl(env, 'AMQP_URL'),
  });
}

function readUrl(env: NodeJS.ProcessEnv, name: keyof typeof SCHEMES): string | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const schemes: readonly string[] = SCHEMES[name];
  if (URL.canParse(text) && schemes.includes(new URL(text).protocol)) return text;
  throw new RiosError(
    'USER_INVALID_REQUEST',
    `${name} is no URL that begins with ${schemes.join(' or ')}//`,
    {
      hint: `Set ${name}=${schemes[0]}//user:password@host:port/name, or unset it.`,
    },
  );
}

/** @throws RiosError as createStore does */
export const openStore = (urls: EngineUrls, file: string): Promise<Store> =>
  createStore(urls.database === undefined ? { file } : { url: urls.database });

/** `prefix` keeps networks apart that share a Redis. @throws RiosError SERVICE_UNAVAILABLE */
export async function openCache(urls: EngineUrls, prefix: string, clock: Clock): Promise<Cache> {
  if (urls.redis !== undefined) {
    const { createRedisCache } = await import('./cache/redis-cache.ts');
    return createRedisCache({ url: urls.redis, prefix });
  }
  const { createMemoryCache } = await import('./cache/memory-cache.ts');
  return createMemoryCache(clock);
}

/** `prefix` keeps networks apart that share a RabbitMQ. Without AMQP_URL the queue is in the store. */
export async function openQueue(
  urls: EngineUrls,
  prefix: string,
  modules: { store: Store; clock: Clock; log: Log },
): Promise<Queue> {
  if (urls.amqp !== undefined) {
    const { createRabbitQueue } = await import('./queue/rabbit-queue.ts');
    return createRabbitQueue({ url: urls.amqp, prefix }, modules);
  }
  const { createStoreQueue } = await import('./queue/store-queue.ts');
  return createStoreQueue(modules);
}
