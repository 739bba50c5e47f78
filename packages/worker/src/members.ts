import type { PeerAddress } from '@rios/sdk/schema/worker';
import { mergeOrchestrators, orchestratorsOf } from './orchestrators.ts';

/** Whom this worker knows: whose connections it accepts, and whom it may ask. */
export interface Members {
  /** The network's orchestrators, once this worker is a member; those alive when it last heard come first. */
  orchestrators(): readonly PeerAddress[];
  /** The other workers, as the orchestrator last listed them. */
  peers(): readonly PeerAddress[];
  accepts(peerId: string): boolean;
  /** Takes the addresses that the network gave. Throws PEER_UNREACHABLE when none leads anywhere. */
  joined(addresses: readonly string[]): void;
  /** Takes the orchestrators that one of them says are alive. None = it said nothing. */
  alive(orchestrators: readonly PeerAddress[]): void;
  listed(peers: readonly PeerAddress[]): void;
}

/** Knows nobody at first. */
export function createMembers(): Members {
  let orchestrators: readonly PeerAddress[] = [];
  let peers: readonly PeerAddress[] = [];
  let known = new Set<string>();
  const remember = () => {
    known = new Set([...orchestrators, ...peers].map(({ peerId }) => peerId));
  };
  return {
    orchestrators: () => orchestrators,
    peers: () => peers,
    accepts: (peerId) => known.has(peerId),
    joined(addresses) {
      orchestrators = orchestratorsOf(addresses);
      remember();
    },
    alive(live) {
      orchestrators = mergeOrchestrators(orchestrators, live);
      remember();
    },
    listed(listed) {
      peers = listed;
      remember();
    },
  };
}
