import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERRORS } from '@rios/sdk/errors/catalog';
import { toRiosError } from '@rios/sdk/errors/error';
import { errorAnswer } from '../gateway/error-answer.ts';

/** What ingress itself answers when it has no answer of the application: the error body of the gateway. */
export function answerError(response: ServerResponse, thrown: unknown, requestId: string): void {
  // an answer that began can only be cut off: else it would look whole
  if (response.headersSent) return void response.destroy();
  const { status, headers, body } = errorOf(thrown, requestId);
  response.writeHead(status, headers);
  response.end(body);
}

/** The same to a connection that asked for an upgrade. */
export function refuseUpgrade(socket: Duplex, thrown: unknown, requestId: string): void {
  const { status, headers, body } = errorOf(thrown, requestId);
  const lines = Object.entries({ ...headers, connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'));
}

function errorOf(thrown: unknown, requestId: string) {
  const { code } = toRiosError(thrown);
  const { status, retryable } = ERRORS[code];
  const body = JSON.stringify({ error: errorAnswer(thrown, requestId, false) });
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-request-id': requestId,
    ...(retryable ? { 'retry-after': '1' } : {}),
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="RiOS"' } : {}),
  };
  return { status, headers, body };
}
