import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  request,
  type Server,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { systemClock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { silentLog } from '@rios/sdk/log';
import { type AccessModules, createAccess } from '../../src/ingress/access.ts';
import type { AppRoute } from '../../src/ingress/app-routes.ts';
import type { IngressOptions } from '../../src/ingress/contract.ts';
import { createIngress } from '../../src/ingress/create-ingress.ts';
import { createFigures, type Figures } from '../../src/ingress/figures.ts';
import { createOwnCredentials } from '../../src/ingress/visitor-token.ts';

export const DEPLOYMENT = 'dep_hello00000';
export const ISSUER = 'urn:rios:test';

/** One replica: an HTTP server of its own on loopback. */
export interface TestReplica {
  readonly id: string;
  readonly server: Server;
  readonly port: number;
  /** Requests that it got. */
  readonly seen: IncomingMessage[];
}

/** Ingress in front of real HTTP servers; only the tunnels are plain connections. */
export interface IngressWorld {
  readonly port: number;
  readonly figures: Figures;
  readonly woken: string[];
  /** Connections that were opened to replicas. */
  readonly opened: string[];
  addReplica(listener: RequestListener): Promise<TestReplica>;
  /** Changes the route of `hello`; its targets by id. */
  route(change: Partial<Omit<AppRoute, 'targets'>> & { targets?: readonly string[] }): void;
  send(options?: SendOptions): Promise<Answer>;
  /** The answer as soon as its head is there. */
  begin(options?: SendOptions): Promise<IncomingMessage>;
  stop(): Promise<void>;
}

export interface SendOptions {
  readonly host?: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface WorldOptions {
  readonly ingress?: Partial<IngressOptions>;
  readonly access?: Partial<AccessModules>;
}

export async function startIngress({ ingress = {}, access = {} }: WorldOptions = {}): Promise<IngressWorld> {
  const replicas = new Map<string, TestReplica>();
  const woken: string[] = [];
  const opened: string[] = [];
  const figures = createFigures(systemClock);
  let route: AppRoute | undefined;
  const server = createIngress(
    { host: '127.0.0.1', port: 0, domain: 'localhost', ...ingress },
    {
      routes: { find: (name) => (name === 'hello' ? route : undefined), wake: (name) => woken.push(name) },
      openTunnel: async ({ replicaId }, port) => {
        opened.push(replicaId);
        const replica = replicas.get(replicaId);
        if (replica === undefined || port !== 8080)
          throw new RiosError('NOT_FOUND', `no container ${replicaId}`);
        const socket = connect(replica.port, '127.0.0.1');
        await once(socket, 'connect');
        return socket;
      },
      checkAccess: createAccess({ findCaller: async () => undefined, mayRead: async () => false, ...access }),
      isOurs: createOwnCredentials(ISSUER),
      figures,
      clock: systemClock,
      log: silentLog,
    },
  );
  const port = Number(new URL(await server.start()).port);
  const begin = (options: SendOptions = {}) => beginRequest(port, options);
  return {
    port,
    figures,
    woken,
    opened,
    async addReplica(listener) {
      const seen: IncomingMessage[] = [];
      const app = createServer((incoming, response) => {
        seen.push(incoming);
        listener(incoming, response);
      });
      await once(app.listen(0, '127.0.0.1'), 'listening');
      const id = `rep_${String(replicas.size).padStart(10, '0')}`;
      const replica = { id, server: app, port: (app.address() as AddressInfo).port, seen };
      replicas.set(id, replica);
      return replica;
    },
    route(change) {
      const before = route ?? ROUTE;
      const targets = change.targets?.map((replicaId) => ({ replicaId, workerId: 'worker' }));
      route = { ...before, ...change, targets: targets ?? before.targets };
    },
    begin,
    async send(options) {
      const answer = await begin(options);
      return { status: answer.statusCode ?? 0, headers: answer.headers, body: await textOf(answer) };
    },
    async stop() {
      for (const { server: app } of replicas.values()) {
        app.closeAllConnections();
        app.close();
      }
      await server.stop();
    },
  };
}

const ROUTE: AppRoute = {
  deploymentId: DEPLOYMENT,
  accountId: 'acc_owner00000',
  access: 'public',
  port: 8080,
  state: 'ready',
  targets: [],
};

async function beginRequest(port: number, options: SendOptions): Promise<IncomingMessage> {
  const { host = `hello.localhost:${port}`, method = 'GET', path = '/', headers = {}, body } = options;
  const outgoing = request({
    host: '127.0.0.1',
    port,
    method,
    path,
    headers: { host, ...headers },
    agent: false,
  });
  outgoing.end(body);
  const [answer] = await once(outgoing, 'response');
  return answer;
}

export async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) if (Buffer.isBuffer(piece)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
