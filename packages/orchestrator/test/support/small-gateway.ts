import { request } from 'node:http';
import { SCOPES, type TokenScope } from '@rios/sdk/api/route';
import { type RouteName, routes } from '@rios/sdk/api/routes';
import { type Clock, systemClock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { silentLog } from '@rios/sdk/log';
import { z } from 'zod';
import { createMemoryCache } from '../../src/cache/memory-cache.ts';
import type { FindCaller } from '../../src/gateway/authenticate.ts';
import { createGateway, type GatewayOptions } from '../../src/gateway/create-gateway.ts';
import type { Caller, ServiceEndpoints } from '../../src/gateway/endpoint.ts';
import type { RateLimit } from '../../src/gateway/rate-limit.ts';
import type { ApiServer } from '../../src/gateway/server.ts';
import type { OauthServer, PublicUrl } from '../../src/services/oauth/oauth-server.ts';
import type { Store } from '../../src/store/store.ts';
import { openMemoryStore } from './seed-store.ts';

export const TOKEN = 'rios_all';
/** A token that may only read the status. */
export const STATUS_TOKEN = 'rios_status';

/** Tests that are not about it are not limited. */
const MANY: RateLimit = { burst: 1_000_000, perSecond: 1_000_000 };

const refuse = async (): Promise<never> => {
  throw new RiosError('NOT_FOUND', 'not part of this test');
};

export interface SmallGateway {
  readonly url: string;
  readonly server: ApiServer;
  readonly store: Store;
  stop(): Promise<void>;
}

/** What a test may choose; the rest is that of an orchestrator. */
export interface SmallGatewayOptions {
  readonly rate?: RateLimit;
  readonly clock?: Clock;
  readonly findCaller?: FindCaller;
  readonly server?: Partial<GatewayOptions>;
  /** By default one in memory; the gateway closes it. */
  readonly store?: Store;
  /** Made once it is known; asked for the address when that is. */
  readonly openOauth?: (publicUrl: PublicUrl) => OauthServer;
}

const callerOf = (scopes: readonly TokenScope[]): Caller => ({
  accountId: 'acc_0000000001',
  name: 'local',
  role: 'admin',
  scopes: new Set(scopes),
  blobQuotaBytes: 1000,
});

const findTestCaller: FindCaller = async (token) => {
  if (token === TOKEN) return callerOf(SCOPES);
  return token === STATUS_TOKEN ? callerOf(['status']) : undefined;
};

/** The real gateway on a store in memory and a free port; routes that `endpoints` lacks answer NOT_FOUND. */
export async function startGateway(
  endpoints: Partial<ServiceEndpoints>,
  {
    rate = MANY,
    clock = systemClock,
    findCaller = findTestCaller,
    server: limits,
    openOauth,
    ...given
  }: SmallGatewayOptions = {},
): Promise<SmallGateway> {
  const rest = Object.fromEntries((Object.keys(routes) as RouteName[]).map((name) => [name, refuse]));
  const store = given.store ?? (await openMemoryStore());
  let url = '';
  const server = createGateway(
    { host: '127.0.0.1', port: 0, rate, ...limits },
    {
      endpoints: { ...rest, ...endpoints } as ServiceEndpoints,
      findCaller,
      store,
      cache: createMemoryCache(clock),
      clock,
      log: silentLog,
      self: 'orchestrator',
      oauth: openOauth?.(() => url),
    },
  );
  const stop = async () => {
    await server.stop();
    await store.destroy();
  };
  url = await server.start();
  return { url, server, store, stop };
}

const errorSchema = z.object({ error: z.record(z.string(), z.unknown()) });

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  readonly json: () => unknown;
  /** The error body; fails when the answer is none. */
  readonly error: () => Record<string, unknown>;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
  readonly token?: string | null;
}

/** One HTTP request, sent as it is: no retries, no redirects, no normalised path. */
export function ask(url: string, path: string, asking: Asking = {}): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const token = asking.token === undefined ? TOKEN : asking.token;
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const sent = request({
      hostname,
      port,
      path,
      method: asking.method ?? 'GET',
      headers: { ...authorization, ...asking.headers },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('latin1');
        const json = (): unknown => JSON.parse(Buffer.concat(chunks).toString());
        const error = () => errorSchema.parse(json()).error;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json, error });
      });
    });
    sent.end(asking.body);
  });
}
