import type { Link } from '../wire/link.ts';

/** The live links of a peer, by other peer and protocol. */
export interface LinkRegistry {
  find(peerId: string, protocolId: string): Link | undefined;
  /** Keeps the link until it closes. */
  add(link: Link, protocolId: string): void;
  closeAll(peerId?: string): Promise<void>;
}

/** An empty registry. */
export function createLinkRegistry(): LinkRegistry {
  const links = new Map<Link, string>();
  return {
    find(peerId, protocolId) {
      for (const [link, protocol] of links)
        if (link.peerId === peerId && protocol === protocolId && !link.closed) return link;
      return undefined;
    },
    add(link, protocolId) {
      links.set(link, protocolId);
      void link.whenClosed.then(() => links.delete(link));
    },
    async closeAll(peerId) {
      const chosen = [...links.keys()].filter((link) => peerId === undefined || link.peerId === peerId);
      await Promise.all(chosen.map((link) => link.close()));
    },
  };
}
