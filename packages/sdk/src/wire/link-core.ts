import type { Clock } from '../clock.ts';
import { RiosError } from '../errors/error.ts';
import type { Log } from '../log.ts';
import { createAllowance, createBudget } from './budget.ts';
import type { ByteStream } from './byte-stream.ts';
import { FrameKind, type TraceContext } from './frame.ts';
import { encodeFrame, NO_TRACE } from './frame-codec.ts';
import { createFrameWriter } from './frame-writer.ts';
import type { Payload } from './link.ts';
import type { Protocol } from './methods.ts';
import { payload } from './payload.ts';

/** Bytes of parts and pushes that may be on their way or unprocessed, in each direction of a link. */
const CREDIT_WINDOW_BYTES = 16 * 1024 * 1024;
/** Processed bytes are granted anew when they are this many, or ride on a frame that leaves anyway. */
const GRANT_BYTES = CREDIT_WINDOW_BYTES / 4;
/** Requests that may be unanswered, in each direction of a link, unless the protocol says less. */
export const MAX_REQUESTS = 256;
/** Bytes of unanswered requests, in each direction of a link. */
export const MAX_REQUEST_BYTES = 64 * 1024 * 1024;
/** What every message costs beside its own bytes, so that empty ones are bounded too. */
const MESSAGE_COST_BYTES = 1024;
/** Longest time that a timer can wait. */
export const MAX_DEADLINE_MS = 2 ** 31 - 1;

/** What a message takes from a budget of bytes: the same on both ends. */
export const costOf = (message: Payload) => MESSAGE_COST_BYTES + message.meta.length + message.body.length;

/** True when the protocol lets a message of this size through. */
export const fits = (protocol: Protocol, message: Payload) =>
  message.meta.length <= protocol.maxMetaBytes && message.body.length <= protocol.maxBodyBytes;

/** Where a frame belongs. */
export interface Envelope {
  readonly method: number;
  readonly id: number;
  readonly epoch?: number;
  readonly deadlineMs?: number;
  readonly trace?: TraceContext;
}

/** Who is at the other end, and what everything on the link stands on. */
export interface LinkSetting {
  readonly peerId: string;
  readonly dialler: boolean;
  readonly protocol: Protocol;
  readonly clock: Clock;
  readonly log: Log;
}

/** What both halves of a link (asking and answering) send and count with. */
export interface LinkCore extends LinkSetting {
  /** Writes a frame with the credit that is due to the peer. `onTaken`: when the transport took it. */
  send(kind: FrameKind, envelope: Envelope, message?: Payload, onTaken?: () => void): Promise<void>;
  /**
   * Writes a part or a push once the peer has granted enough; nothing once `signal` has aborted.
   * Throws USER_INVALID_REQUEST when too large, and the signal's reason.
   */
  sendCredited(kind: FrameKind, envelope: Envelope, message: Payload, signal: AbortSignal): Promise<void>;
  /** Counts a part or push that came in. Call the result when it is done with: its bytes are granted anew. */
  received(message: Payload): () => void;
  /** Takes what the peer granted. Throws PEER_PROTOCOL when it is more than was used. */
  granted(bytes: number): void;
  close(error: Error): void;
}

/** The sending and counting of one link over its stream. */
export function createLinkCore(
  stream: ByteStream,
  setting: LinkSetting,
  onBroken: (error: Error) => void,
): LinkCore {
  const writer = createFrameWriter(stream, onBroken);
  const budget = createBudget(CREDIT_WINDOW_BYTES);
  const allowance = createAllowance(CREDIT_WINDOW_BYTES, 'bytes');
  let due = 0;

  const send: LinkCore['send'] = (kind, envelope, message = payload(), onTaken) => {
    const header = { epoch: 0, deadlineMs: 0, trace: NO_TRACE, ...envelope, kind, credit: due };
    due = 0;
    const [head, body] = encodeFrame(header, message.meta, message.body);
    return writer.write(head, body, onTaken);
  };

  return {
    ...setting,
    send,
    async sendCredited(kind, envelope, message, signal) {
      assertFits(setting.protocol, message);
      signal.throwIfAborted();
      const cost = costOf(message);
      if (!budget.tryTake(cost)) {
        await budget.take(cost, signal);
        if (signal.aborted) budget.give(cost);
        signal.throwIfAborted();
      }
      await send(kind, envelope, message);
    },
    received(message) {
      const cost = costOf(message);
      allowance.use(cost);
      return () => {
        allowance.release(cost);
        due += cost;
        if (due >= GRANT_BYTES) send(FrameKind.credit, { method: 0, id: 0 }).catch(() => {});
      };
    },
    granted: (bytes) => budget.give(bytes),
    close: (error) => budget.close(error),
  };
}

/** Throws USER_INVALID_REQUEST for a message that the other end would refuse. */
export function assertFits(protocol: Protocol, message: Payload): void {
  if (fits(protocol, message)) return;
  throw new RiosError('USER_INVALID_REQUEST', `the message is too large for ${protocol.id}`, {
    details: { metaBytes: message.meta.length, bodyBytes: message.body.length },
  });
}
