import { type ClientRequest, type IncomingMessage, request as openRequest } from 'node:http';
import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { guardStall } from './stall.ts';
import type { Failure } from './try-replicas.ts';
import type { TunnelAgent, TunnelOptions } from './tunnel-agent.ts';

/** Limits of one request, ms. */
export interface AskLimits {
  /** How long an application may take to begin its answer. */
  readonly answerMs: number;
  /** How long a visitor may send nothing of a body that it began. */
  readonly stallMs: number;
}

/** One request to one replica. */
export interface Question extends Pick<TunnelOptions, 'target' | 'appPort'> {
  readonly agent: TunnelAgent;
  readonly request: IncomingMessage;
  /** As the application gets them: names and values in turn. */
  readonly headers: readonly string[];
  readonly signal: AbortSignal;
  /** Gets the request before it is sent, to listen for more than its answer. */
  readonly onOpen?: (outgoing: ClientRequest) => void;
}

/** Whether a request brings a body. */
export const hasBody = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** Sends a request; resolves with the answer once it has begun, or with why there is none. Never rejects. */
export async function askReplica(
  { answerMs, stallMs, clock }: AskLimits & { readonly clock: Clock },
  { request, headers, onOpen, ...way }: Question,
): Promise<{ answer: IncomingMessage } | Failure> {
  const { method, url: path } = request;
  const outgoing = openRequest({ ...way, method, path, headers: [...headers], setHost: false });
  const { promise, resolve } = Promise.withResolvers<{ answer: IncomingMessage } | Failure>();
  let unsent = true;
  const fail = (error: RiosError) => {
    resolve({ error, unsent });
    outgoing.destroy();
  };
  // not before there is a connection: until then the request may go to another replica
  outgoing.once('socket', () => {
    unsent = false;
    if (hasBody(request)) request.pipe(outgoing);
    else outgoing.end();
  });
  outgoing.once('response', (answer) => resolve({ answer }));
  outgoing.on('error', (cause) => fail(lost(cause)));
  onOpen?.(outgoing);
  const cancelAnswer = clock.after(answerMs, () =>
    fail(new RiosError('PEER_TIMEOUT', `the application did not answer within ${answerMs / 1000} s`)),
  );
  const stalled = new RiosError('USER_INVALID_REQUEST', 'the body of the request did not come in time');
  const unguard = guardStall({ request, outgoing, clock, stallMs }, () => fail(stalled));
  try {
    return await promise;
  } finally {
    cancelAnswer();
    unguard();
  }
}

/** An error of ours passes; what a socket says becomes one. */
const lost = (cause: Error): RiosError =>
  cause instanceof RiosError
    ? cause
    : new RiosError('PEER_LOST', 'the application ended the connection before it answered', {
        cause,
        hint: 'Send the request again, if it may be done twice.',
      });
