import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { routes } from '@rios/sdk/api/routes';
import type { Clock } from '@rios/sdk/clock';
import { ERRORS } from '@rios/sdk/errors/catalog';
import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import type { Log } from '@rios/sdk/log';
import type { WebSocket } from 'ws';
import type { Admission } from './admit.ts';
import type { ReadClientAddress } from './client-address.ts';
import { errorAnswer } from './error-answer.ts';
import type { EventFeed, Watch } from './event-feed.ts';
import { HEARTBEAT_MS } from './event-stream.ts';
import { readLastEventId } from './last-event-id.ts';
import { logFailure } from './log-failure.ts';
import { validate } from './validate.ts';

/** A listener that leaves more than this unread is closed: it can go on after the last event that it has. */
const MAX_UNREAD_BYTES = 1024 * 1024;
/** Nothing that a listener could say is of use. */
const MAX_MESSAGE_BYTES = 1024;
/** RFC 6455, section 7.4.1. */
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
/** A peer that does not close in turn is cut off then. */
const CLOSE_GRACE_MS = 1_000;

export interface EventSocketModules {
  readonly feed: EventFeed;
  readonly admission: Admission;
  readonly clientAddress: ReadClientAddress;
  readonly drainSignal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
}

export type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** `/v1/events` by WebSocket: one text frame of JSON per event, a ping every 15 s. `ws` is loaded when first asked. */
export function createEventSocket(modules: EventSocketModules): OnUpgrade {
  return (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    accept(modules, request, socket, head).catch((error: unknown) => refuse(modules, socket, error));
  };
}

async function accept(
  modules: EventSocketModules,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  modules.drainSignal.throwIfAborted();
  const url = new URL(request.url ?? '', 'http://localhost');
  const route = routes.watchEvents;
  if (url.pathname !== route.path || request.method !== 'GET') {
    throw new RiosError('NOT_FOUND', 'this path has no WebSocket');
  }
  const approach = {
    authorization: request.headers.authorization,
    address: modules.clientAddress(request),
  };
  const caller = await modules.admission.admit(route, approach, () => {});
  const query = validate(route.query, 'query', Object.fromEntries(url.searchParams));
  const after = readLastEventId(request.headers['last-event-id']) ?? query.after;
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
  });
  server.handleUpgrade(request, socket, head, (opened) => {
    serve(modules, opened, { after, topics: query.topics, accountId: caller.accountId }).catch(
      (error: unknown) => {
        logFailure(modules.log, error, 'websocket');
        opened.terminate();
      },
    );
  });
}

async function serve(
  { feed, clock, drainSignal }: EventSocketModules,
  opened: WebSocket,
  from: Pick<Watch, 'after' | 'topics' | 'accountId'>,
): Promise<void> {
  const gone = new AbortController();
  const end = (code: number, why: string) => {
    opened.close(code, why);
    clock.after(CLOSE_GRACE_MS, () => opened.terminate());
    gone.abort();
  };
  const onDrain = () => end(GOING_AWAY, 'the orchestrator is stopping');
  opened.on('error', () => opened.terminate());
  opened.once('close', () => gone.abort());
  drainSignal.addEventListener('abort', onDrain, { once: true, signal: gone.signal });
  const stopHeart = startHeart(opened, clock);
  try {
    await feed.watch({
      ...from,
      signal: gone.signal,
      send: async (event) => {
        opened.send(JSON.stringify(event));
        if (opened.bufferedAmount > MAX_UNREAD_BYTES) end(TRY_AGAIN_LATER, 'events were not read in time');
      },
    });
  } finally {
    stopHeart();
  }
}

/** A peer that has not answered a ping when the next is due is gone. */
function startHeart(opened: WebSocket, clock: Clock): () => void {
  let answered = true;
  let cancel = () => {};
  opened.on('pong', () => {
    answered = true;
  });
  const beat = () => {
    if (!answered) return opened.terminate();
    answered = false;
    opened.ping();
    cancel = clock.after(HEARTBEAT_MS, beat);
  };
  cancel = clock.after(HEARTBEAT_MS, beat);
  return () => cancel();
}

/** Answers an upgrade that is not granted with the ordinary error body, and closes. */
function refuse({ clock, log }: EventSocketModules, socket: Duplex, thrown: unknown): void {
  const requestId: string = createId('req', clock.now());
  logFailure(log, thrown, requestId);
  const { status } = ERRORS[toRiosError(thrown).code];
  const body = JSON.stringify({ error: errorAnswer(thrown, requestId, false) });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
