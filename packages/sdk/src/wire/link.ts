import type { TraceContext } from './frame.ts';
import type { Method } from './methods.ts';

/** What a caller may say beside meta and body. */
export interface CallOptions {
  readonly deadlineMs: number;
  readonly epoch?: number;
  readonly trace?: TraceContext;
  readonly signal?: AbortSignal;
}

/** Meta and body of one message. */
export interface Payload {
  readonly meta: Uint8Array;
  readonly body: Uint8Array;
}

/** One incoming request or push, as a handler sees it. */
export interface Incoming extends Payload {
  readonly epoch: number;
  readonly deadlineMs: number;
  readonly trace: TraceContext;
  /** Aborts when the caller cancels, the deadline passes, or the link closes. */
  readonly signal: AbortSignal;
  /** Peer id of the caller, proved by the connection. */
  readonly peerId: string;
  /** Sends one part before the answer; waits while the caller has no credit for it. */
  readonly part: (payload: Payload) => Promise<void>;
}

/** Answers one method. Returned payload is the response; a throw becomes an error frame. */
export type Handler = (incoming: Incoming, link: Link) => Promise<Payload>;
export type Handlers = Partial<Record<Method, Handler>>;

/**
 * A long-lived, two-way, multiplexed connection to one peer. One libp2p stream carries it now; a direct TLS
 * socket can later, behind this same interface.
 */
export interface Link {
  readonly peerId: string;
  readonly closed: boolean;
  /** Resolves with why, once the link is closed. Never rejects. */
  readonly whenClosed: Promise<Error>;
  /** Asks and waits for the answer. Parts, if any come, go to `onPart`. Throws RiosError. */
  request(
    method: Method,
    payload: Payload,
    options: CallOptions,
    onPart?: (payload: Payload) => void,
  ): Promise<Payload>;
  /** One way; resolves when the bytes are handed to the transport (backpressure obeyed). */
  push(method: Method, payload: Payload, options: CallOptions): Promise<void>;
  /** Round trip in milliseconds. */
  ping(timeoutMs: number): Promise<number>;
  close(reason?: Error): Promise<void>;
}
