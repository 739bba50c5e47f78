import { setTimeout as wait } from 'node:timers/promises';
import { RiosError } from '@rios/sdk/errors/error';
import { decodeText, encodeText } from '../store/stored-value.ts';
import type { Cache, TokenGrant } from './cache.ts';
import { INCREMENT, TAKE } from './redis-scripts.ts';
import { grantOf } from './token-bucket.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const COMMAND_TIMEOUT_MS = 5_000;
const MAX_RECONNECT_WAIT_MS = 1_000;

export interface RedisCacheOptions {
  readonly url: string;
  /** Before every key, so that networks can share a Redis; for example the network's id. */
  readonly prefix: string;
}

/**
 * A cache in Redis, shared by all orchestrators with the same URL and prefix. The client is loaded here. It
 * reconnects by itself; a command while it is away fails at once and was perhaps carried out.
 * @throws RiosError SERVICE_UNAVAILABLE when Redis cannot be reached now.
 */
export async function createRedisCache({ url, prefix }: RedisCacheOptions): Promise<Cache> {
  const client = await connect(url);
  const name = (key: string) => `${prefix}:${encodeText(key)}`;
  const evaluate = (script: string, key: string, args: readonly number[]) =>
    attempt(() => client.eval(script, { keys: [name(key)], arguments: args.map(String) }));
  let stopped = false;
  return {
    get: async (key) => {
      const found = await attempt(() => client.get(name(`v:${key}`)));
      return found === null ? undefined : decodeText(found);
    },
    set: async (key, value, ttlMs) => {
      await attempt(() => client.set(name(`v:${key}`), encodeText(value), expiry(ttlMs)));
    },
    add: async (key, value, ttlMs) => {
      const options = { ...expiry(ttlMs), condition: 'NX' as const };
      return (await attempt(() => client.set(name(`v:${key}`), encodeText(value), options))) === 'OK';
    },
    delete: async (key) => (await attempt(() => client.del(name(`v:${key}`)))) > 0,
    increment: async (key, by, ttlMs) => Number(await evaluate(INCREMENT, `c:${key}`, [by, ttlMs])),
    take: async (key, { capacity, refillPerSecond }) =>
      readGrant(await evaluate(TAKE, `b:${key}`, [capacity, refillPerSecond]), refillPerSecond),
    stop: async () => {
      if (stopped) return;
      stopped = true;
      client.destroy();
    },
  };
}

async function connect(url: string) {
  const { createClient } = await import('redis');
  let wasReady = false;
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      // The first connection is tried once, so that a wrong REDIS_URL is told at start.
      reconnectStrategy: (tries) => wasReady && Math.min(MAX_RECONNECT_WAIT_MS, 50 * 2 ** tries),
    },
  });
  client.on('ready', () => {
    wasReady = true;
  });
  // Told to whoever asks something of the cache meanwhile.
  client.on('error', () => {});
  await attempt(() => client.connect());
  return client;
}

const expiry = (ttlMs: number) => ({ expiration: { type: 'PX' as const, value: Math.ceil(ttlMs) } });

/** What TAKE answered: {allowed, microtokens left}. */
function readGrant(reply: unknown, refillPerSecond: number): TokenGrant {
  const [allowed, microtokens] = Array.isArray(reply) ? reply.map(Number) : [];
  return grantOf(allowed === 1, microtokens ?? 0, refillPerSecond);
}

/** Does one command within its deadline; whatever goes wrong means that Redis is away. */
async function attempt<T>(command: () => Promise<T>): Promise<T> {
  const late = new AbortController();
  const deadline = wait(COMMAND_TIMEOUT_MS, undefined, { signal: late.signal }).then(() => {
    throw new Error(`no answer in ${COMMAND_TIMEOUT_MS} ms`);
  });
  try {
    return await Promise.race([command(), deadline]);
  } catch (cause) {
    throw new RiosError('SERVICE_UNAVAILABLE', 'Redis cannot be reached', {
      details: { service: 'cache' },
      cause,
    });
  } finally {
    deadline.catch(() => {});
    late.abort();
  }
}
