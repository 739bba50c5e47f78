import { request } from 'node:http';
import { type RouteName, routes } from '@rios/sdk/api/routes';
import { systemClock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { silentLog } from '@rios/sdk/log';
import { z } from 'zod';
import type { Endpoints } from '../../src/gateway/endpoint.ts';
import { createLiveRequests } from '../../src/gateway/live-requests.ts';
import { mountGateway } from '../../src/gateway/mount.ts';
import { type ApiServer, createApiServer } from '../../src/gateway/server.ts';

export const TOKEN = 'rios_all';
/** A token that may only read the status. */
export const STATUS_TOKEN = 'rios_status';

const ALL_SCOPES = ['inference', 'models', 'workers', 'network', 'status'] as const;

const refuse = async (): Promise<never> => {
  throw new RiosError('NOT_FOUND', 'not part of this test');
};

export interface SmallGateway {
  readonly url: string;
  readonly server: ApiServer;
}

/** The real gateway on a free port; routes that `endpoints` lacks answer NOT_FOUND. */
export async function startGateway(endpoints: Partial<Endpoints>): Promise<SmallGateway> {
  const rest = Object.fromEntries((Object.keys(routes) as RouteName[]).map((name) => [name, refuse]));
  const live = createLiveRequests();
  const caller = { accountId: 'acc_0000000001', name: 'local', blobQuotaBytes: 1000 };
  const listener = mountGateway({
    endpoints: { ...rest, ...endpoints } as Endpoints,
    findCaller: async (token) => {
      if (token === TOKEN) return { ...caller, scopes: new Set(ALL_SCOPES) };
      if (token === STATUS_TOKEN) return { ...caller, scopes: new Set(['status'] as const) };
      return undefined;
    },
    live,
    clock: systemClock,
    log: silentLog,
  });
  const server = createApiServer(
    { host: '127.0.0.1', port: 0 },
    { listener, live, clock: systemClock, log: silentLog },
  );
  return { url: await server.start(), server };
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
