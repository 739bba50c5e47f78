import type { Duplex } from 'node:stream';

/** After one end has said its last, the other may go on for so long. */
const LAST_WORDS_MS = 5_000;

/** Passes bytes between two sockets both ways, each as fast as its reader; when one is gone, so is the other. */
export function joinSockets(one: Duplex, other: Duplex): void {
  const pairs = [
    [one, other],
    [other, one],
  ] as const;
  for (const [from, to] of pairs) {
    if (from.destroyed) to.destroy();
    from.pipe(to);
    from.once('close', () => to.destroy());
    from.once('end', () => setTimeout(() => from.destroy(), LAST_WORDS_MS).unref());
    // whoever lost a connection hears of it by its close
    from.on('error', () => {});
  }
}
