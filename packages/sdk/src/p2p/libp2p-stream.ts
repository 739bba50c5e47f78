import type { Stream } from '@libp2p/interface';
import { RiosError } from '../errors/error.ts';
import type { ByteStream } from '../wire/byte-stream.ts';

/** A libp2p stream as a byte stream. */
export function fromLibp2pStream(stream: Stream): ByteStream {
  const drain = createDrain(stream);
  return {
    send: (bytes) => stream.send(bytes),
    drained: drain,
    listen(onBytes, onClose) {
      let over = false;
      const end = (error?: Error) => {
        if (over) return;
        over = true;
        onClose(error);
      };
      stream.addEventListener('message', ({ data }) => {
        if (data instanceof Uint8Array) onBytes(data);
        else for (const piece of data) onBytes(piece);
      });
      stream.addEventListener('end', () => end());
      stream.addEventListener('close', (event) => end(event.error));
      // what came before the listener is delivered in a microtask: the end must not overtake it
      if (stream.status !== 'open' || stream.readableEnded) setImmediate(end);
    },
    close: () => stream.close(),
    abort: (error) => stream.abort(error),
  };
}

/**
 * Waits until the stream takes more. Not `stream.onDrain()`: its promise is kept after the first drain, so that
 * every later call returns at once and the write buffer grows without bound (libp2p/utils 7.4.1).
 */
function createDrain(stream: Stream): () => Promise<void> {
  let next = Promise.withResolvers<void>();
  let closed = false;
  next.promise.catch(() => {});
  stream.addEventListener('drain', () => {
    next.resolve();
    if (!closed) next = Promise.withResolvers<void>();
    next.promise.catch(() => {});
  });
  stream.addEventListener('close', () => {
    closed = true;
    next.reject(new RiosError('PEER_LOST', 'the stream is closed'));
  });
  return async () => {
    while (stream.writableNeedsDrain) await next.promise;
  };
}
