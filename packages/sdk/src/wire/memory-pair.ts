import { RiosError } from '../errors/error.ts';
import type { RawStream } from './byte-stream.ts';

/** Bytes on their way at which the sender is told to wait. */
const FULL_BYTES = 256 * 1024;

/** Two ends of one stream inside this process. Bytes arrive later, in order; a full pipe says so. */
export function createMemoryPair(): [RawStream, RawStream] {
  const ends: [End, End] = [createEnd(() => ends[1]), createEnd(() => ends[0])];
  return ends;
}

interface End extends RawStream {
  arrive(bytes: Uint8Array, taken: () => void): void;
  finish(error?: Error): void;
}

function createEnd(other: () => End): End {
  const early: Uint8Array[] = [];
  let listener: ((bytes: Uint8Array) => void) | undefined;
  let onClose: ((error?: Error) => void) | undefined;
  let ended: { error: Error | undefined } | undefined;
  let underWay = 0;
  /** Pieces that came while it was held up, each with what tells its sender that it was taken. */
  const kept: [Uint8Array, () => void][] = [];
  let held = false;
  let finishing = false;
  let drains: { resolve: () => void; reject: (error: Error) => void }[] = [];

  const lost = () => new RiosError('PEER_LOST', 'the stream is closed');
  const land = (bytes: Uint8Array) =>
    other().arrive(bytes, () => {
      underWay -= bytes.length;
      if (underWay >= FULL_BYTES) return;
      for (const drain of drains.splice(0)) drain.resolve();
    });

  return {
    send(bytes) {
      if (ended !== undefined) throw lost();
      underWay += bytes.length;
      setImmediate(land, bytes);
      return underWay < FULL_BYTES;
    },
    async drained() {
      if (ended !== undefined) throw lost();
      if (underWay < FULL_BYTES) return;
      await new Promise<void>((resolve, reject) => drains.push({ resolve, reject }));
    },
    listen(onBytes, closing) {
      listener = onBytes;
      onClose = closing;
      for (const bytes of early.splice(0)) onBytes(bytes);
      if (ended !== undefined) closing(ended.error);
    },
    async close() {
      this.finish();
      setImmediate(() => other().finish());
    },
    abort(error) {
      this.finish(error);
      setImmediate(() => other().finish(error));
    },
    pause() {
      held = true;
    },
    resume() {
      held = false;
      for (;;) {
        const next = held ? undefined : kept.shift();
        if (next === undefined) break;
        this.arrive(...next);
      }
      if (finishing && !held) this.finish();
    },
    arrive(bytes, taken) {
      if (held) return void kept.push([bytes, taken]);
      taken();
      if (ended !== undefined) return;
      if (listener === undefined) early.push(bytes);
      else listener(bytes);
    },
    finish(error) {
      if (ended !== undefined) return;
      finishing = held && kept.length > 0 && error === undefined;
      if (finishing) return;
      ended = { error };
      for (const drain of drains) drain.reject(lost());
      drains = [];
      onClose?.(error);
    },
  };
}
