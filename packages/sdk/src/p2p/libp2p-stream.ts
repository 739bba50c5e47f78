import type { Stream } from '@libp2p/interface';
import { RiosError } from '../errors/error.ts';
import type { ByteStream, RawStream } from '../wire/byte-stream.ts';

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

/** The receive window of a raw stream grows no further: what waits here for a slow reader stays within it. */
const RAW_WINDOW_BYTES = 1024 * 1024;

/**
 * A libp2p stream that can be held up. yamux lets windows grow to 16 MiB, but ends a paused stream at 4 MiB: its window
 * is kept below that. A pause while it resumes comes after: libp2p would go on to open the window (utils 7.4.1).
 */
export function fromPausableStream(stream: Stream): RawStream {
  if ('maxStreamWindowSize' in stream) stream.maxStreamWindowSize = RAW_WINDOW_BYTES;
  const isOpen = () => stream.readStatus !== 'closed' && stream.readStatus !== 'closing';
  let resuming = false;
  let held = false;
  return {
    ...fromLibp2pStream(stream),
    pause() {
      held = true;
      if (!resuming && isOpen()) stream.pause();
    },
    resume() {
      held = false;
      if (resuming || stream.readStatus !== 'paused') return;
      resuming = true;
      stream.resume();
      resuming = false;
      if (held && isOpen()) stream.pause();
    },
  };
}
