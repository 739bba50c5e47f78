import { RiosError, toErrorBody } from '../errors/error.ts';
import { createAllowance } from './budget.ts';
import { type Frame, FrameKind } from './frame.ts';
import type { Handlers, Incoming, Link, Payload } from './link.ts';
import {
  costOf,
  fits,
  type LinkCore,
  MAX_DEADLINE_MS,
  MAX_REQUEST_BYTES,
  MAX_REQUESTS,
} from './link-core.ts';
import { payload } from './payload.ts';

/** The answering half of a link: the peer's requests and pushes. */
export interface Answering {
  /** Throws PEER_PROTOCOL when the request breaks a rule of the link. */
  onRequest(frame: Frame): void;
  onPush(frame: Frame): void;
  onCancel(frame: Frame): void;
  close(error: Error): void;
}

/** One running handler. */
interface Work {
  readonly abort: (error: Error) => void;
}

/** How a handler sends parts; its signal says when that is over. */
type SendPart = (message: Payload, signal: AbortSignal) => Promise<void>;

/** Longest error that goes to the peer with its details. */
const MAX_ERROR_BYTES = 16 * 1024;

/** The answering half over a core; `link` is what handlers get. */
export function createAnswering(core: LinkCore, handlers: Handlers, link: Link): Answering {
  const open = new Map<number, Work>();
  const pushes = new Set<Work>();
  const requests = createAllowance(core.protocol.maxRequests ?? MAX_REQUESTS, 'requests');
  const bytes = createAllowance(MAX_REQUEST_BYTES, 'bytes of requests');

  const answer = (frame: Frame, costBytes: number, result: Payload | Error) => {
    open.delete(frame.id);
    const release = () => {
      requests.release(1);
      bytes.release(costBytes);
    };
    const failed = result instanceof Error || !fits(core.protocol, result);
    const kind = failed ? FrameKind.error : FrameKind.response;
    const message = failed ? errorMessage(core, frame.method, result) : result;
    core.send(kind, envelopeOf(frame), message, release).catch(() => {});
  };

  return {
    onRequest(frame) {
      if (frame.id % 2 === (core.dialler ? 1 : 0) || open.has(frame.id))
        throw new RiosError('PEER_PROTOCOL', 'the peer used a request id that is not free');
      const costBytes = costOf(frame);
      requests.use(1);
      bytes.use(costBytes);
      const part: SendPart = (message, signal) =>
        core.sendCredited(FrameKind.part, envelopeOf(frame), message, signal);
      const work = runHandler(core, handlers, link, frame, part, (result) =>
        answer(frame, costBytes, result),
      );
      open.set(frame.id, work);
    },
    onPush(frame) {
      const done = core.received(frame);
      const work = runHandler(core, handlers, link, frame, noParts, (result) => {
        pushes.delete(work);
        if (result instanceof Error)
          core.log.warn('push failed', { method: frame.method, error: toErrorBody(result) });
        done();
      });
      pushes.add(work);
    },
    onCancel(frame) {
      open.get(frame.id)?.abort(new RiosError('USER_INTERRUPTED', 'the caller gave up'));
    },
    close(error) {
      for (const work of [...open.values(), ...pushes]) work.abort(error);
    },
  };
}

/**
 * Starts the handler at once, so that messages are seen in the order they came. `finish` is called once, later:
 * with the answer, with what the handler threw, when the deadline passes, or by `abort`.
 */
function runHandler(
  core: LinkCore,
  handlers: Handlers,
  link: Link,
  frame: Frame,
  sendPart: SendPart,
  finish: (result: Payload | Error) => void,
): Work {
  const controller = new AbortController();
  const { signal } = controller;
  const deadlineMs = Math.min(frame.deadlineMs || core.protocol.timeoutMs, MAX_DEADLINE_MS);
  const { epoch, trace, meta, body } = frame;
  // the answer is the last word: a part after it would answer a request that is no longer open
  const answered = new AbortController();
  const part: Incoming['part'] = (message) => sendPart(message, answered.signal);
  const incoming = { epoch, trace, meta, body, deadlineMs, signal, peerId: core.peerId, part };

  let over = false;
  const end = (result: Payload | Error) => {
    if (over) return;
    over = true;
    stopTimer();
    answered.abort(result instanceof Error ? result : new RiosError('USER_INTERRUPTED', 'it was answered'));
    finish(result);
  };
  const abort = (error: Error) => {
    controller.abort(error);
    end(error);
  };
  const stopTimer = core.clock.after(deadlineMs, () =>
    abort(new RiosError('PEER_TIMEOUT', `not finished within ${deadlineMs} ms`)),
  );
  callHandler(core, handlers, frame.method, incoming, link).then(end, (error: unknown) =>
    end(error instanceof Error ? error : new RiosError('BUG_UNEXPECTED', String(error))),
  );
  return { abort };
}

async function callHandler(
  core: LinkCore,
  handlers: Handlers,
  method: number,
  incoming: Incoming,
  link: Link,
): Promise<Payload> {
  const known = core.protocol.methods.find((served) => served === method);
  const handler = known === undefined ? undefined : handlers[known];
  if (handler === undefined) throw new RiosError('PEER_PROTOCOL', 'this peer does not serve that method');
  return await handler(incoming, link);
}

const noParts: SendPart = () => Promise.reject(new RiosError('BUG_UNEXPECTED', 'a push has no answer'));

const envelopeOf = ({ method, id, epoch, trace }: Frame) => ({ method, id, epoch, trace });

/** What nobody expected stays here: the log gets it, the peer only hears that it happened. */
function errorMessage(core: LinkCore, method: number, result: Payload | Error): Payload {
  const error = result instanceof Error ? result : new RiosError('BUG_UNEXPECTED', 'the answer is too large');
  const { details, ...body } = toErrorBody(error);
  if (body.code === 'BUG_UNEXPECTED') {
    core.log.error('handler failed', { method, error: error.stack ?? error.message });
    return payload({ ...body, message: 'the peer met an unexpected error' });
  }
  const whole = payload({ ...body, details });
  if (whole.meta.length <= MAX_ERROR_BYTES) return whole;
  return payload({ ...body, message: body.message.slice(0, 1024), hint: body.hint.slice(0, 1024) });
}
