import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { Link } from '@rios/sdk/wire/link';

const PING_EVERY_MS = 2_000;
/** A peer that answers nothing for this long is lost, whatever its TCP connection says. */
const PING_TIMEOUT_MS = 8_000;

/** Tells sessions when a link that they stand on is gone. */
export interface LinkWatch {
  /**
   * Calls `onLost` when the link closes, or soon if it has; pings the link while anybody watches it. The returned
   * function stops watching.
   */
  watch(link: Link, onLost: (error: RiosError) => void): () => void;
}

type Listener = (error: RiosError) => void;

/** One `whenClosed` reaction per link, however many sessions pass over it in its life. */
export function createLinkWatch(clock: Clock): LinkWatch {
  const watched = new WeakMap<Link, Set<Listener>>();
  const listenersOf = (link: Link): Set<Listener> => {
    const known = watched.get(link);
    if (known !== undefined) return known;
    const listeners = new Set<Listener>();
    watched.set(link, listeners);
    void link.whenClosed.then((cause) => {
      const error = lost(link.peerId, cause);
      for (const listener of [...listeners]) listener(error);
      listeners.clear();
    });
    return listeners;
  };
  const keepPinging = (link: Link, listeners: ReadonlySet<Listener>) => {
    clock.after(PING_EVERY_MS, () => {
      if (listeners.size === 0 || link.closed) return;
      link.ping(PING_TIMEOUT_MS).then(
        () => keepPinging(link, listeners),
        (cause: unknown) => link.close(lost(link.peerId, cause)),
      );
    });
  };
  return {
    watch(link, onLost) {
      const listeners = listenersOf(link);
      if (link.closed) void link.whenClosed.then((cause) => onLost(lost(link.peerId, cause)));
      listeners.add(onLost);
      if (listeners.size === 1) keepPinging(link, listeners);
      return () => listeners.delete(onLost);
    },
  };
}

const lost = (peerId: string, cause: unknown) =>
  new RiosError('PEER_LOST', `the connection to ${peerId} is gone`, { details: { peerId }, cause });
