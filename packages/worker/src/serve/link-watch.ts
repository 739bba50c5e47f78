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

interface Watched {
  readonly listeners: Set<Listener>;
  isPinged: boolean;
}

/** One `whenClosed` reaction and one train of pings per link, however many sessions pass over it in its life. */
export function createLinkWatch(clock: Clock): LinkWatch {
  const links = new WeakMap<Link, Watched>();
  const watchedOf = (link: Link): Watched => {
    const known = links.get(link);
    if (known !== undefined) return known;
    const watched: Watched = { listeners: new Set(), isPinged: false };
    links.set(link, watched);
    void link.whenClosed.then((cause) => {
      const error = lost(link.peerId, cause);
      for (const listener of [...watched.listeners]) listener(error);
      watched.listeners.clear();
    });
    return watched;
  };
  const pingLater = (link: Link, watched: Watched) => {
    watched.isPinged = true;
    clock.after(PING_EVERY_MS, () => {
      watched.isPinged = watched.listeners.size > 0 && !link.closed;
      if (!watched.isPinged) return;
      link.ping(PING_TIMEOUT_MS).then(
        () => pingLater(link, watched),
        (cause: unknown) => link.close(lost(link.peerId, cause)),
      );
    });
  };
  return {
    watch(link, onLost) {
      if (link.closed) {
        void link.whenClosed.then((cause) => onLost(lost(link.peerId, cause)));
        return () => {};
      }
      const watched = watchedOf(link);
      watched.listeners.add(onLost);
      if (!watched.isPinged) pingLater(link, watched);
      return () => watched.listeners.delete(onLost);
    },
  };
}

const lost = (peerId: string, cause: unknown) =>
  new RiosError('PEER_LOST', `the connection to ${peerId} is gone`, { details: { peerId }, cause });
