import type { z } from 'zod';
import { RiosError } from '../errors/error.ts';
import type { ByteStream } from '../wire/byte-stream.ts';
import { decodeMeta, encodeMeta } from '../wire/meta.ts';

/** A few small JSON messages on a raw stream, each after its length (u32, little-endian). */
export interface ShortMessages {
  /** The next message. Throws PEER_PROTOCOL, PEER_LOST, or the signal's reason. */
  read<T>(schema: z.ZodType<T>, signal: AbortSignal): Promise<T>;
  write(message: object): void;
}

/** Reads at most `maxBytes` in all: more ends the stream with PEER_PROTOCOL, whatever it says. */
export function createShortMessages(stream: ByteStream, maxBytes: number): ShortMessages {
  const buffer = Buffer.alloc(maxBytes);
  let filled = 0;
  let read = 0;
  let ended: Error | undefined;
  let wake = () => {};

  const end = (error: Error) => {
    ended ??= error;
    wake();
  };
  const onBytes = (bytes: Uint8Array) => {
    if (ended !== undefined) return;
    if (filled + bytes.length > maxBytes) {
      const error = new RiosError('PEER_PROTOCOL', `the peer sent more than ${maxBytes} bytes`);
      end(error);
      return stream.abort(error);
    }
    buffer.set(bytes, filled);
    filled += bytes.length;
    wake();
  };
  stream.listen(onBytes, () => end(new RiosError('PEER_LOST', 'the peer ended the conversation')));

  /** The next whole message, if it is there. */
  const next = (): Uint8Array | undefined => {
    if (filled - read < 4) return undefined;
    const length = buffer.readUInt32LE(read);
    if (length > maxBytes - read - 4)
      throw new RiosError('PEER_PROTOCOL', 'the peer announced too long a message');
    if (filled - read - 4 < length) return undefined;
    read += 4 + length;
    return buffer.subarray(read - length, read);
  };

  return {
    async read(schema, signal) {
      for (;;) {
        const message = next();
        if (message !== undefined) return decodeMeta(schema, message);
        if (ended !== undefined) throw ended;
        signal.throwIfAborted();
        const more = Promise.withResolvers<void>();
        wake = more.resolve;
        signal.addEventListener('abort', wake, { once: true });
        await more.promise.finally(() => signal.removeEventListener('abort', wake));
      }
    },
    write(message) {
      const bytes = encodeMeta(message);
      const framed = Buffer.alloc(4 + bytes.length);
      framed.writeUInt32LE(bytes.length);
      framed.set(bytes, 4);
      stream.send(framed);
    },
  };
}
