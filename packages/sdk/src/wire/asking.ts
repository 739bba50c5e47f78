import { fromErrorBody, RiosError } from '../errors/error.ts';
import { createBudget } from './budget.ts';
import { type Frame, FrameKind } from './frame.ts';
import type { CallOptions, Link, Payload } from './link.ts';
import {
  assertFits,
  costOf,
  type LinkCore,
  MAX_DEADLINE_MS,
  MAX_REQUEST_BYTES,
  MAX_REQUESTS,
} from './link-core.ts';

/** The asking half of a link: its own requests, and the answers to them. */
export interface Asking {
  readonly request: Link['request'];
  /** Takes a response, an error or a part. Throws PEER_PROTOCOL when it answers nothing. */
  onAnswer(frame: Frame): void;
  close(error: Error): void;
}

interface Call {
  readonly method: number;
  readonly costBytes: number;
  readonly onPart: ((message: Payload) => void) | undefined;
  /** First one wins. */
  readonly settle: (result: Payload | Error) => void;
}

/** The asking half over a core. */
export function createAsking(core: LinkCore): Asking {
  const calls = new Map<number, Call>();
  const requests = createBudget(core.protocol.maxRequests ?? MAX_REQUESTS);
  const bytes = createBudget(MAX_REQUEST_BYTES);
  const nextId = createIds(core.dialler ? 1 : 2, calls);
  let closed: Error | undefined;

  const start = async (call: Call, message: Payload, options: CallOptions, over: AbortSignal) => {
    assertFits(core.protocol, message);
    const deadline = core.clock.now() + options.deadlineMs;
    if (!requests.tryTake(1)) await requests.take(1, over);
    if (!bytes.tryTake(call.costBytes))
      await bytes.take(call.costBytes, over).catch((error: unknown) => {
        requests.give(1);
        throw error;
      });
    const id = nextId();
    calls.set(id, call);
    over.addEventListener('abort', () => cancel(id, call), { once: true });
    const deadlineMs = Math.min(Math.max(1, Math.ceil(deadline - core.clock.now())), MAX_DEADLINE_MS);
    await core.send(FrameKind.request, { ...options, method: call.method, id, deadlineMs }, message);
  };

  /** The call stays counted until the peer's last word on it: it may still be at work. */
  const cancel = (id: number, call: Call) => {
    if (calls.get(id) === call && closed === undefined)
      core.send(FrameKind.cancel, { method: call.method, id }).catch(() => {});
  };

  const request: Link['request'] = (method, message, options, onPart) =>
    new Promise((resolve, reject) => {
      if (closed !== undefined) return reject(closed);
      const over = new AbortController();
      const settle = (result: Payload | Error) => {
        stopTimer();
        options.signal?.removeEventListener('abort', onAbort);
        if (result instanceof Error) reject(result);
        else resolve(result);
      };
      const giveUp = (error: Error) => {
        settle(error);
        over.abort(error);
      };
      const onAbort = () => giveUp(abortError(options.signal?.reason));
      const wait = Math.min(options.deadlineMs, MAX_DEADLINE_MS);
      const stopTimer = core.clock.after(wait, () => giveUp(timeoutError(options.deadlineMs, core.peerId)));
      const live = onPart && ((part: Payload) => over.signal.aborted || deliver(part, onPart, giveUp));
      if (options.signal?.aborted) return onAbort();
      options.signal?.addEventListener('abort', onAbort, { once: true });
      start(
        { method, costBytes: costOf(message), onPart: live, settle },
        message,
        options,
        over.signal,
      ).catch(settle);
    });

  return {
    request,
    onAnswer(frame) {
      const call = calls.get(frame.id);
      if (call === undefined || call.method !== frame.method)
        throw new RiosError('PEER_PROTOCOL', 'the peer answered a request that is not open');
      if (frame.kind === FrameKind.part) {
        const done = core.received(frame);
        call.onPart?.(frame);
        return done();
      }
      calls.delete(frame.id);
      requests.give(1);
      bytes.give(call.costBytes);
      call.settle(frame.kind === FrameKind.error ? remoteError(frame) : frame);
    },
    close(error) {
      closed = error;
      requests.close(error);
      bytes.close(error);
      for (const call of calls.values()) call.settle(error);
      calls.clear();
    },
  };
}

/** A part's receiver that throws has given up on the whole call. */
function deliver(part: Payload, onPart: (part: Payload) => void, giveUp: (error: Error) => void): void {
  try {
    onPart(part);
  } catch (error) {
    giveUp(error instanceof Error ? error : new RiosError('BUG_UNEXPECTED', String(error)));
  }
}

/** Ids of one parity, those in use left out. */
function createIds(first: number, used: ReadonlyMap<number, unknown>): () => number {
  let next = first;
  return () => {
    while (used.has(next)) next = next + 2 > 0xffff_ffff ? first : next + 2;
    const id = next;
    next = next + 2 > 0xffff_ffff ? first : next + 2;
    return id;
  };
}

function remoteError(frame: Frame): Error {
  try {
    return fromErrorBody(JSON.parse(new TextDecoder().decode(frame.meta)), 'PEER_PROTOCOL');
  } catch {
    return new RiosError('PEER_PROTOCOL', 'the peer sent an error that cannot be read');
  }
}

const timeoutError = (deadlineMs: number, peerId: string) =>
  new RiosError('PEER_TIMEOUT', `the peer did not answer within ${deadlineMs} ms`, { details: { peerId } });

const abortError = (reason: unknown) =>
  reason instanceof RiosError
    ? reason
    : new RiosError('USER_INTERRUPTED', 'the request was cancelled', { cause: reason });
