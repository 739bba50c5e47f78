import type { TLSSocket } from 'node:tls';
import { createOpenapi } from '@rios/sdk/api/openapi';
import type { AnyRoute } from '@rios/sdk/api/route';
import { type RouteName, routes } from '@rios/sdk/api/routes';
import type { Clock } from '@rios/sdk/clock';
import { ERRORS } from '@rios/sdk/errors/catalog';
import { RiosError, toErrorBody } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import type { Log } from '@rios/sdk/log';
import { VERSION } from '@rios/sdk/version';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { OauthServer } from '../services/oauth/oauth-server.ts';
import type { Admission } from './admit.ts';
import { createBatchEndpoint } from './batch.ts';
import type { ReadClientAddress } from './client-address.ts';
import { deprecationHeaders } from './deprecation.ts';
import {
  type Caller,
  type Endpoint,
  type Endpoints,
  isBytesAnswer,
  isStreamAnswer,
  type ServiceEndpoints,
} from './endpoint.ts';
import { errorAnswer } from './error-answer.ts';
import type { EventFeed } from './event-feed.ts';
import { sendStream } from './event-stream.ts';
import type { Idempotency } from './idempotency.ts';
import { readLastEventId } from './last-event-id.ts';
import type { LiveRequests } from './live-requests.ts';
import { logFailure } from './log-failure.ts';
import { mountOauth } from './mount-oauth.ts';
import { parseJsonBody } from './parse-json.ts';
import { perform, type RawCall } from './perform.ts';
import { setRateHeaders, wholeSeconds } from './rate-limit.ts';
import { discardBody, readBody } from './read-body.ts';
import { HSTS, SECURITY_HEADERS } from './security-headers.ts';
import { sendBytes } from './send-bytes.ts';
import { createWatchEndpoint } from './watch-events.ts';

export interface MountOptions {
  /** Under which users reach the API, for the OpenAPI document. */
  readonly publicUrl: string | undefined;
}

export interface GatewayModules {
  readonly endpoints: ServiceEndpoints;
  readonly admission: Admission;
  readonly idempotency: Idempotency;
  readonly feed: EventFeed;
  readonly live: LiveRequests;
  readonly clientAddress: ReadClientAddress;
  readonly clock: Clock;
  readonly log: Log;
  /** Without it the API has no OAuth 2.0. */
  readonly oauth?: OauthServer | undefined;
}

const REQUEST_ID = 'x-request-id';

/** Bytes of an unwanted body that are taken off the wire before the connection is closed instead. */
const MAX_DISCARDED_BYTES = 8 * 1024 * 1024;

/** The API as an Express application: every route of the table, mounted on its endpoint. */
export function mountGateway(options: MountOptions, modules: GatewayModules): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('strict routing', true);
  app.set('case sensitive routing', true);
  app.use((request, response, next) => {
    response.setHeaders(SECURITY_HEADERS).setHeader(REQUEST_ID, createId('req', modules.clock.now()));
    // a browser would hold every other server on this machine's localhost to it
    const pinned = (request.socket as TLSSocket).encrypted && request.hostname !== 'localhost';
    if (pinned) response.setHeader(...HSTS);
    // Express would answer OPTIONS by itself, before any token is looked at.
    next(request.method === 'OPTIONS' ? unknownRoute(request) : undefined);
  });
  const endpoints = allEndpoints(options, modules);
  for (const name of Object.keys(routes) as RouteName[]) {
    mountRoute(app, routes[name], endpoints[name] as Endpoint<AnyRoute>, modules);
  }
  if (modules.oauth !== undefined) mountOauth(app, modules.oauth, modules);
  app.use((request, _response, next) => next(unknownRoute(request)));
  app.use(createErrorResponder(modules));
  return app;
}

/** The services' endpoints, and those that the gateway answers by itself. */
function allEndpoints({ publicUrl }: MountOptions, modules: GatewayModules): Endpoints {
  let document: ReturnType<typeof createOpenapi> | undefined;
  const endpoints = {
    ...modules.endpoints,
    getOpenapi: async () => {
      document ??= createOpenapi(routes, VERSION, publicUrl);
      return document;
    },
    watchEvents: createWatchEndpoint({ feed: modules.feed, drainSignal: modules.live.drainSignal }),
  };
  return { ...endpoints, batch: createBatchEndpoint({ ...modules, table: routes, endpoints }) };
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
  const routeHeaders = new Map(Object.entries(deprecationHeaders(route.deprecated)));
  app[method](route.path, async (request: Request, response: Response) => {
    response.locals.openai = route.openai;
    response.setHeaders(routeHeaders);
    if (modules.live.draining) throw new RiosError('CAPACITY_DRAINING', 'the orchestrator is stopping');
    const signal = modules.live.open(response);
    const { authorization } = request.headers;
    const address = modules.clientAddress(request);
    const caller = await modules.admission.admit(route, { authorization, address }, (state) =>
      setRateHeaders(response, state),
    );
    const call = await readCall(route, request, response, { caller, address, signal });
    const { answer, replayed } = await perform(route, endpoint, modules.idempotency, call);
    if (replayed) response.setHeader('idempotency-replayed', 'true');
    await sendAnswer(route, request, response, answer, signal, modules.clock);
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
  known: { readonly caller: Caller; readonly address: string; readonly signal: AbortSignal },
): Promise<RawCall> {
  const bytes = await readBody(request, route.bodyKind === 'none' ? 0 : route.maxBodyBytes);
  return {
    params: request.params,
    query: request.query,
    body: route.bodyKind === 'json' ? parseJsonBody(bytes) : undefined,
    bytes,
    ...known,
    requestId: requestIdOf(response),
    lastEventId: readLastEventId(request.headers['last-event-id']),
    idempotencyKey: request.get('idempotency-key'),
    target: `${request.method} ${request.originalUrl}`,
  };
}

async function sendAnswer(
  route: AnyRoute,
  request: Request,
  response: Response,
  answer: unknown,
  signal: AbortSignal,
  clock: Clock,
): Promise<void> {
  if (isStreamAnswer(answer)) {
    const describe = (error: unknown) => errorAnswer(error, requestIdOf(response), route.openai);
    await sendStream(response, answer, { clock, signal, describe });
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
    const { code, retryable, details } = toErrorBody(error);
    logFailure(log, error, requestId);
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    if (!(await discardBody(request, MAX_DISCARDED_BYTES))) response.set('connection', 'close');
    if (openai) response.set('x-should-retry', String(retryable));
    const { retryAfterMs } = details ?? {};
    if (typeof retryAfterMs === 'number') response.set('retry-after', String(wholeSeconds(retryAfterMs)));
    if (ERRORS[code].status === 401) response.set('www-authenticate', 'Bearer');
    response.status(ERRORS[code].status).json({ error: errorAnswer(error, requestId, openai) });
  };
}

/** Express says so for a path with a broken percent encoding. */
function isMalformedUrl(thrown: unknown): boolean {
  return thrown instanceof URIError;
}
