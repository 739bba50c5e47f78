import { RiosError } from '../errors/error.ts';
import type { ByteStream } from './byte-stream.ts';

/** Bodies are handed over in slices of this size, so that a full transport is noticed early. */
const SLICE_BYTES = 256 * 1024;
/** Up to this size, header and body go as one piece: one packet, at the price of a small copy. */
const JOIN_BYTES = 16 * 1024;
/** Most frames that wait for the transport. More means that the peer asks and never reads. */
const MAX_WAITING = 4096;

/** Writes frames one after another, as fast as the stream takes them. */
export interface FrameWriter {
  /**
   * Resolves when the transport took the whole frame; `onTaken` is called at that very moment, before anything
   * else can arrive. The bytes belong to the writer from now on. Rejects when the stream is broken.
   */
  write(head: Uint8Array, body: Uint8Array, onTaken?: () => void): Promise<void>;
}

interface Waiting {
  readonly pieces: readonly Uint8Array[];
  readonly taken: () => void;
  readonly reject: (error: unknown) => void;
}

/** A writer over `stream`. `onBroken` hears of the first failure. */
export function createFrameWriter(stream: ByteStream, onBroken: (error: Error) => void): FrameWriter {
  const waiting: Waiting[] = [];
  let pumping = false;

  const pump = async () => {
    pumping = true;
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      try {
        await sendPieces(stream, next.pieces, next.taken);
      } catch (error) {
        for (const lost of waiting.splice(0)) lost.reject(error);
        onBroken(asLost(error));
        break;
      }
      waiting.shift();
    }
    pumping = false;
  };

  return {
    write(head, body, onTaken) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const taken = () => {
        onTaken?.();
        resolve();
      };
      if (waiting.length >= MAX_WAITING) {
        const error = new RiosError('PEER_LOST', 'the peer does not read its answers');
        reject(error);
        onBroken(error);
        return promise;
      }
      waiting.push({ pieces: slice(head, body), taken, reject });
      if (!pumping) void pump();
      return promise;
    },
  };
}

async function sendPieces(stream: ByteStream, pieces: readonly Uint8Array[], taken: () => void) {
  let left = pieces.length;
  for (const piece of pieces) {
    const ready = stream.send(piece);
    if (--left === 0) taken();
    if (!ready) await stream.drained();
  }
}

function slice(head: Uint8Array, body: Uint8Array): Uint8Array[] {
  if (body.length === 0) return [head];
  if (body.length <= JOIN_BYTES) {
    const joined = new Uint8Array(head.length + body.length);
    joined.set(head);
    joined.set(body, head.length);
    return [joined];
  }
  const pieces = [head];
  for (let at = 0; at < body.length; at += SLICE_BYTES) pieces.push(body.subarray(at, at + SLICE_BYTES));
  return pieces;
}

const asLost = (error: unknown) =>
  new RiosError('PEER_LOST', 'the connection to the peer broke', { cause: error });
