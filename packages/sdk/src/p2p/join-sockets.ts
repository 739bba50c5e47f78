import type { Duplex } from 'node:stream';

/** After one end has said its last, and it was passed on, the other may go on for so long. */
const LAST_WORDS_MS = 5_000;

/** Passes bytes between two sockets both ways, each as fast as its reader; when one is gone, so is the other. */
export function joinSockets(one: Duplex, other: Duplex): void {
  one.pipe(other);
  other.pipe(one);
  joinEnds(one, other);
}

/** Has two sockets end together, but for what is still on its way: bytes are passed on by others. */
export function joinEnds(one: Duplex, other: Duplex): void {
  const pairs = [
    [one, other],
    [other, one],
  ] as const;
  for (const [from, to] of pairs) {
    if (from.destroyed) to.destroy();
    // whoever lost a connection hears of it by its close
    from.on('error', () => {});
    from.once('end', () => to.end());
    from.once('finish', () => setTimeout(() => from.destroy(), LAST_WORDS_MS).unref());
    from.once('close', () => {
      if (!from.readableEnded) to.destroy();
    });
  }
}
