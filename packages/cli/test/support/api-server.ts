import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type RouteName, routes } from '@rios/sdk/api/routes';

export interface Call {
  readonly route: RouteName;
  /** Path segments that stand for `:name`, by name. */
  readonly params: Record<string, string>;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export type Answers = Partial<Record<RouteName, (call: Call, response: ServerResponse) => void>>;

export interface ApiServer {
  readonly env: { readonly RIOS_API_URL: string; readonly RIOS_API_TOKEN: string };
  readonly calls: Call[];
  /** Names of the routes called so far. */
  names(): RouteName[];
  close(): Promise<void>;
}

const table = Object.entries(routes).map(([name, route]) => ({
  name: name as RouteName,
  method: route.method,
  pattern: new RegExp(`^${route.path.replace(/:([A-Za-z0-9]+)/g, '(?<$1>[^/]+)')}$`),
}));

/** Answers with one JSON body. */
export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Answers with an error of ours. */
export function sendError(
  response: ServerResponse,
  status: number,
  code: string,
  message = 'it failed',
): void {
  sendJson(
    response,
    { error: { code, message, hint: 'do this', retryable: false, requestId: 'req_0123456789' } },
    status,
  );
}

/** A real HTTP server whose routes come from the table; a route without an answer gets 404 NOT_FOUND. */
export async function startApiServer(answers: Answers): Promise<ApiServer> {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const route = table.find(
      ({ method, pattern }) => method === request.method && pattern.test(url.pathname),
    );
    const body = await buffer(request);
    if (route === undefined) return sendError(response, 404, 'NOT_FOUND');
    const params = { ...route.pattern.exec(url.pathname)?.groups };
    const call = { route: route.name, params, query: url.searchParams, headers: request.headers, body };
    calls.push(call);
    const answer = answers[route.name];
    if (answer === undefined) return sendError(response, 404, 'NOT_FOUND');
    answer(call, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    env: { RIOS_API_URL: `http://127.0.0.1:${port}`, RIOS_API_TOKEN: 'test-token' },
    calls,
    names: () => calls.map((call) => call.route),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
