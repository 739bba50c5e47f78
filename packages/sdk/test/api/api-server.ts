import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RouteName, routes } from '@rios/sdk/api/routes';

export interface SeenCall {
  readonly route: RouteName;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export type Answerer = (call: SeenCall, response: ServerResponse) => void;

export interface ApiServer {
  readonly apiUrl: string;
  readonly calls: SeenCall[];
  close(): Promise<void>;
}

const table = Object.entries(routes).map(([name, route]) => ({
  name: name as RouteName,
  method: route.method,
  pattern: new RegExp(`^${route.path.replace(/:[A-Za-z0-9]+/g, '[^/]+')}$`),
}));

/** A real HTTP server that finds routes in the table and lets `answer` write the response. */
export async function startApiServer(answer: Answerer): Promise<ApiServer> {
  const calls: SeenCall[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const route = table.find(
      ({ method, pattern }) => method === request.method && pattern.test(url.pathname),
    );
    if (route === undefined) {
      response.writeHead(404).end('no such route');
      return;
    }
    const call = { route: route.name, url, headers: request.headers, body: Buffer.concat(parts) };
    calls.push(call);
    answer(call, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    apiUrl: `http://127.0.0.1:${port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Answers with one JSON body. */
export function sendJson(response: ServerResponse, value: unknown, status = 200, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}
