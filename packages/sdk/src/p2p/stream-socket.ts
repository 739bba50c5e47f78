import { Duplex } from 'node:stream';
import { RiosError } from '../errors/error.ts';
import type { RawStream } from '../wire/byte-stream.ts';

/** Read ahead of whoever reads. */
const AHEAD_BYTES = 256 * 1024;
/** Pieces up to this size are joined before they are sent: each piece costs a frame and a record. */
const JOINED_BYTES = 64 * 1024;

/**
 * A raw stream as a Node stream, with the few methods of a socket that `node:http` calls. Both directions hold the
 * sender up when their reader is slow. Each end may end its own direction first.
 */
export class StreamSocket extends Duplex {
  readonly #stream: RawStream;

  constructor(stream: RawStream) {
    super({ allowHalfOpen: false, highWaterMark: AHEAD_BYTES });
    this.#stream = stream;
    stream.listen(
      (bytes) => {
        if (!this.push(bytes)) stream.pause();
      },
      (error) => {
        if (error === undefined) this.push(null);
        else this.destroy(error);
      },
    );
  }

  override _read(): void {
    this.#stream.resume();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    try {
      if (this.#stream.send(chunk)) done();
      else this.#stream.drained().then(() => done(), done);
    } catch (error) {
      done(error instanceof Error ? error : null);
    }
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
    const pieces = chunks.map(({ chunk }) => chunk);
    const sizeBytes = pieces.reduce((sum, { length }) => sum + length, 0);
    if (sizeBytes <= JOINED_BYTES) this._write(Buffer.concat(pieces), '', done);
    else this.#writeEach(pieces).then(() => done(), done);
  }

  async #writeEach(pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) if (!this.#stream.send(piece)) await this.#stream.drained();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#stream.close().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (error !== null || !this.writableFinished || !this.readableEnded)
      this.#stream.abort(error ?? new RiosError('PEER_LOST', 'the stream was given up'));
    done(error);
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
