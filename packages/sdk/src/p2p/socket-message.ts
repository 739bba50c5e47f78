import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { z } from 'zod';
import { RiosError } from '../errors/error.ts';
import { decodeMeta, encodeMeta } from '../wire/meta.ts';

/** How a conversation on a raw stream begins: JSON after its length (u32, little-endian). Other bytes may follow. */
export function writeMessage(socket: Duplex, message: object): void {
  const bytes = encodeMeta(message);
  const framed = Buffer.alloc(4 + bytes.length);
  framed.writeUInt32LE(bytes.length);
  framed.set(bytes, 4);
  socket.write(framed);
}

/**
 * Reads one such message, and leaves what follows it unread.
 * Throws PEER_PROTOCOL (longer than `maxBytes`, or not what was expected), PEER_LOST, or the signal's reason.
 */
export async function readMessage<T>(
  socket: Duplex,
  schema: z.ZodType<T>,
  { maxBytes, signal }: { maxBytes: number; signal: AbortSignal },
): Promise<T> {
  // all that is there is taken each time: waiting beside unread bytes would be told of them again at once, for ever
  let taken: Buffer = Buffer.alloc(0);
  for (;;) {
    const length = taken.length < 4 ? 0 : taken.readUInt32LE();
    if (length > maxBytes)
      throw new RiosError('PEER_PROTOCOL', `the peer announced a message of ${length} bytes`);
    if (taken.length >= 4 && taken.length >= 4 + length) {
      if (taken.length > 4 + length) socket.unshift(taken.subarray(4 + length));
      return decodeMeta(schema, taken.subarray(4, 4 + length));
    }
    taken = Buffer.concat([taken, await nextBytes(socket, signal)]);
  }
}

async function nextBytes(socket: Duplex, signal: AbortSignal): Promise<Buffer> {
  for (;;) {
    const bytes: unknown = socket.read();
    if (Buffer.isBuffer(bytes)) return bytes;
    if (socket.readableEnded || socket.destroyed)
      throw new RiosError('PEER_LOST', 'the peer ended the conversation');
    await nextChange(socket, signal);
  }
}

/** Waits until there may be more to read, or it is over. */
async function nextChange(socket: Duplex, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  const either = { signal: AbortSignal.any([signal, done.signal]) };
  const events = ['readable', 'end', 'close'].map((event) => once(socket, event, either));
  try {
    await Promise.race(events);
  } catch (error) {
    signal.throwIfAborted();
    throw new RiosError('PEER_LOST', 'the peer ended the conversation', { cause: error });
  } finally {
    done.abort();
    await Promise.allSettled(events);
  }
}
