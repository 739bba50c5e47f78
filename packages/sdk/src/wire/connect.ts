import { type Clock, systemClock } from '../clock.ts';
import { RiosError } from '../errors/error.ts';
import { type Log, silentLog } from '../log.ts';
import { type Answering, createAnswering } from './answering.ts';
import { type Asking, createAsking } from './asking.ts';
import type { ByteStream } from './byte-stream.ts';
import { type Frame, FrameKind } from './frame.ts';
import { createFrameDecoder } from './frame-codec.ts';
import type { Handlers, Link } from './link.ts';
import { createLinkCore, MAX_DEADLINE_MS } from './link-core.ts';
import type { Protocol } from './methods.ts';
import { createPinging, type Pinging } from './pinging.ts';
import { createStallGuard } from './stall-guard.ts';

/** What a link is made of, beside its stream. */
export interface LinkOptions {
  readonly protocol: Protocol;
  /** Peer id at the other end, proved by the connection. */
  readonly peerId: string;
  /** True at the end that opened the stream. */
  readonly dialler: boolean;
  readonly handlers: Handlers;
  readonly clock?: Clock;
  readonly log?: Log;
}

/** Longest wait for the last bytes to leave when a link is closed. */
const FLUSH_MS = 1_000;

/**
 * Makes a link over a byte stream, which it owns from then on. A peer that breaks the protocol loses the link
 * (PEER_PROTOCOL), and nothing else.
 */
export function createLink(stream: ByteStream, options: LinkOptions): Link {
  const { protocol, peerId, dialler, handlers, clock = systemClock, log = silentLog } = options;
  const ended = Promise.withResolvers<Error>();
  let closed = false;

  const end = (error: Error) => {
    if (closed) return false;
    closed = true;
    for (const half of [guard, pinging, asking, answering, core]) half.close(error);
    ended.resolve(error);
    return true;
  };
  const fail = (error: Error) => {
    if (!end(error)) return;
    log.debug('link closed', { peerId, protocol: protocol.id, reason: error.message });
    stream.abort(error);
  };

  const core = createLinkCore(stream, { peerId, dialler, protocol, clock, log }, fail);
  const asking = createAsking(core);
  const pinging = createPinging(core);
  const guard = createStallGuard(clock, fail);
  const link: Link = {
    peerId,
    get closed() {
      return closed;
    },
    whenClosed: ended.promise,
    request: asking.request,
    push: (method, message, { deadlineMs, signal, ...envelope }) =>
      withDeadline(deadlineMs, clock, signal, (over) =>
        core.sendCredited(FrameKind.push, { ...envelope, method, id: 0, deadlineMs }, message, over),
      ),
    ping: pinging.ping,
    async close(reason) {
      if (!end(new RiosError('PEER_LOST', reason?.message ?? 'the link was closed', { cause: reason })))
        return;
      const late = new RiosError('PEER_TIMEOUT', `the peer took nothing for ${FLUSH_MS} ms`);
      const cut = clock.after(FLUSH_MS, () => stream.abort(late));
      await stream.close().catch((error: Error) => stream.abort(error));
      cut();
    },
  };
  const answering = createAnswering(core, handlers, link);

  const halves = { protocol, answering, asking, pinging };
  const onFrame = (frame: Frame) => {
    if (closed) return;
    if (frame.credit > 0) core.granted(frame.credit);
    dispatch(frame, halves);
  };
  const decoder = createFrameDecoder(protocol);
  const onBytes = (bytes: Uint8Array) => {
    if (closed) return;
    try {
      decoder.push(bytes, onFrame);
      guard.watch(decoder);
    } catch (error) {
      fail(error instanceof RiosError ? error : new RiosError('BUG_UNEXPECTED', String(error)));
    }
  };
  stream.listen(onBytes, (error) =>
    fail(new RiosError('PEER_LOST', 'the connection to the peer is gone', { cause: error })),
  );
  return link;
}

interface Halves {
  readonly protocol: Protocol;
  readonly answering: Answering;
  readonly asking: Asking;
  readonly pinging: Pinging;
}

function dispatch(frame: Frame, { protocol, answering, asking, pinging }: Halves) {
  switch (frame.kind) {
    case FrameKind.request:
      return answering.onRequest(known(protocol, frame));
    case FrameKind.push:
      return answering.onPush(known(protocol, frame));
    case FrameKind.cancel:
      return answering.onCancel(frame);
    case FrameKind.response:
    case FrameKind.error:
    case FrameKind.part:
      return asking.onAnswer(frame);
    case FrameKind.ping:
    case FrameKind.pong:
      return pinging.onFrame(frame);
    case FrameKind.credit:
  }
}

function known(protocol: Protocol, frame: Frame): Frame {
  if (protocol.methods.some((method) => method === frame.method)) return frame;
  throw new RiosError('PEER_PROTOCOL', `the peer asked for method ${frame.method}, not of ${protocol.id}`);
}

async function withDeadline(
  deadlineMs: number,
  clock: Clock,
  signal: AbortSignal | undefined,
  act: (over: AbortSignal) => Promise<void>,
): Promise<void> {
  const late = new AbortController();
  const stop = clock.after(Math.min(deadlineMs, MAX_DEADLINE_MS), () =>
    late.abort(new RiosError('PEER_TIMEOUT', `the peer took nothing for ${deadlineMs} ms`)),
  );
  const over = signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]);
  await act(over).finally(stop);
}
