import type { Readable, Writable } from 'node:stream';

/**
 * Passes one stream on to another as fast as that takes it. What comes in one turn of the event loop is written at
 * once: TLS gives records of 16 KiB, and each write of its own is a system call. Resolves when all was handed over, or
 * either end is gone: then the other one is destroyed, so that what was cut off does not look whole.
 */
export function sendBatched(from: Readable, to: Writable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let corked = false;
  const flush = () => {
    corked = false;
    to.uncork();
  };
  from.on('data', (bytes: Uint8Array) => {
    if (!corked) {
      corked = true;
      to.cork();
      setImmediate(flush);
    }
    if (!to.write(bytes)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.once('end', () => to.end());
  from.once('error', () => to.destroy());
  from.once('close', () => {
    if (!from.readableEnded) to.destroy();
  });
  to.once('close', () => {
    from.destroy();
    resolve();
  });
  return promise;
}
