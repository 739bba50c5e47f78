/** What a link is built on: an ordered, two-way stream of bytes. A libp2p stream, or a pair in memory. */
export interface ByteStream {
  /** Queues bytes. False = the buffer is full: wait for `drained` before the next. Throws when closed. */
  send(bytes: Uint8Array): boolean;
  /** Resolves when more may be sent; rejects when the stream closes first. */
  drained(): Promise<void>;
  /** Starts reading. `onBytes` gets every piece in order; `onClose` is called once, also when it closed before. */
  listen(onBytes: (bytes: Uint8Array) => void, onClose: (error?: Error) => void): void;
  /** Flushes and ends both directions. */
  close(): Promise<void>;
  /** Ends at once and drops what is queued. */
  abort(error: Error): void;
}

/** A stream that whoever reads can hold up: what a raw TCP connection needs at both of its ends. */
export interface RawStream extends ByteStream {
  /** No bytes from now on, save those that are under way; the sender is stopped when its window is used up. */
  pause(): void;
  resume(): void;
}
