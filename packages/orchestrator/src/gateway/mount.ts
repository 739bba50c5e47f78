import type { AnyRoute } from '@rios/sdk/api/route';
import { type RouteName, routes } from '@rios/sdk/api/routes';
import type { Clock } from '@rios/sdk/clock';
import { ERRORS } from '@rios/sdk/errors/catalog';
import { RiosError, toErrorBody } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import type { Log } from '@rios/sdk/log';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { authenticate, type FindCaller } from './authenticate.ts';
import { type Caller, type Endpoint, type Endpoints, isBytesAnswer, isStreamAnswer } from './endpoint.ts';
import { errorAnswer } from './error-answer.ts';
import { sendStream } from './event-stream.ts';
import type { LiveRequests } from './live-requests.ts';
import { discardBody, parseJsonBody, readBody } from './read-body.ts';
import { sendBytes } from './send-bytes.ts';
import { validate } from './validate.ts';

export interface GatewayModules {
  readonly endpoints: Endpoints;
  readonly findCaller: FindCaller;
  readonly live: LiveRequests;
  readonly clock: Clock;
  readonly log: Log;
}

const REQUEST_ID = 'x-request-id';

/** Bytes of an unwanted body that are taken off the wire before the connection is closed instead. */
const MAX_DISCARDED_BYTES = 8 * 1024 * 1024;

/** No page of ours may be framed, sniffed, cached or reached from a browser's other origin. */
const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** The API as an Express application: every route of the table, mounted on its endpoint. */
export function mountGateway(modules: GatewayModules): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('strict routing', true);
  app.set('case sensitive routing', true);
  app.use((request, response, next) => {
    response.set(SECURITY_HEADERS).set(REQUEST_ID, createId('req', modules.clock.now()));
    // Express would answer OPTIONS by itself, before any token is looked at.
    next(request.method === 'OPTIONS' ? unknownRoute(request) : undefined);
  });
  for (const name of Object.keys(routes) as RouteName[]) {
    mountRoute(app, routes[name], modules.endpoints[name] as Endpoint<AnyRoute>, modules);
  }
  app.use((request, _response, next) => next(unknownRoute(request)));
  app.use(createErrorResponder(modules));
  return app;
}

const unknownRoute = ({ method, path }: Request) =>
  new RiosError('NOT_FOUND', `no route ${method} ${path.slice(0, 200)}`);

function mountRoute(
  app: Express,
  route: AnyRoute,
  endpoint: Endpoint<AnyRoute>,
  modules: GatewayModules,
): void {
  const method = route.method.toLowerCase() as 'get' | 'post' | 'put' | 'delete';
  app[method](route.path, async (request: Request, response: Response) => {
    response.locals.openai = route.openai;
    if (modules.live.draining) throw new RiosError('CAPACITY_DRAINING', 'the orchestrator is stopping');
    const signal = modules.live.open(response);
    const caller = await authenticate(route, request.headers.authorization, modules.findCaller);
    const answer = await endpoint(await readCall(route, request, response, caller, signal));
    await sendAnswer(route, request, response, answer, signal);
    modules.log.debug('answered', {
      requestId: requestIdOf(response),
      route: route.name,
      status: response.statusCode,
    });
  });
}

async function readCall(
  route: AnyRoute,
  request: Request,
  response: Response,
  caller: Caller,
  signal: AbortSignal,
) {
  const params = validate(route.params, 'params', request.params);
  const query = validate(route.query, 'query', request.query);
  const bytes = await readBody(request, route.bodyKind === 'none' ? 0 : route.maxBodyBytes);
  const body = route.bodyKind === 'json' ? validate(route.body, 'body', parseJsonBody(bytes)) : undefined;
  return { params, query, body, bytes, caller, requestId: requestIdOf(response), signal };
}

async function sendAnswer(
  route: AnyRoute,
  request: Request,
  response: Response,
  answer: unknown,
  signal: AbortSignal,
): Promise<void> {
  if (isStreamAnswer(answer)) {
    await sendStream(response, answer, signal, (error) =>
      errorAnswer(error, requestIdOf(response), route.openai),
    );
  } else if (isBytesAnswer(answer)) {
    await sendBytes(response, answer, request.headers.range, signal);
  } else {
    response.status(200).json(answer);
  }
}

const requestIdOf = (response: Response): string => String(response.getHeader(REQUEST_ID));

/** Turns whatever was thrown into the one error body. */
function createErrorResponder({ log }: GatewayModules) {
  return async (thrown: unknown, request: Request, response: Response, _next: NextFunction) => {
    const error = isMalformedUrl(thrown)
      ? new RiosError('USER_INVALID_REQUEST', 'the URL is malformed')
      : thrown;
    const requestId = requestIdOf(response);
    const openai = response.locals.openai === true;
    const { code, message, retryable } = toErrorBody(error);
    const cause = code === 'BUG_UNEXPECTED' && thrown instanceof Error ? { stack: thrown.stack } : {};
    log[code === 'BUG_UNEXPECTED' ? 'error' : 'debug']('request failed', {
      requestId,
      code,
      message,
      ...cause,
    });
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    if (!(await discardBody(request, MAX_DISCARDED_BYTES))) response.set('connection', 'close');
    if (openai) response.set('x-should-retry', String(retryable));
    if (ERRORS[code].status === 401) response.set('www-authenticate', 'Bearer');
    response.status(ERRORS[code].status).json({ error: errorAnswer(error, requestId, openai) });
  };
}

/** Express says so for a path with a broken percent encoding. */
function isMalformedUrl(thrown: unknown): boolean {
  return thrown instanceof URIError;
}
