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
  const length = (await readBytes(socket, 4, signal)).readUInt32LE();
  if (length === 0 || length > maxBytes)
    throw new RiosError('PEER_PROTOCOL', `the peer announced a message of ${length} bytes`);
  return decodeMeta(schema, await readBytes(socket, length, signal));
}

async function readBytes(socket: Duplex, sizeBytes: number, signal: AbortSignal): Promise<Buffer> {
  for (;;) {
    const bytes: unknown = socket.read(sizeBytes);
    if (Buffer.isBuffer(bytes) && bytes.length === sizeBytes) return bytes;
    if (bytes !== null || socket.readableEnded || socket.destroyed)
      throw new RiosError('PEER_LOST', 'the peer ended the conversation');
    await nextBytes(socket, signal);
  }
}

/** Waits until there may be more to read, or it is over. */
async function nextBytes(socket: Duplex, signal: AbortSignal): Promise<void> {
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
