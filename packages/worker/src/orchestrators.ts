import { RiosError } from '@rios/sdk/errors/error';
import type { PeerAddress } from '@rios/sdk/schema/worker';

/** Most orchestrators that a worker remembers, and most addresses of each. */
const MAX_ORCHESTRATORS = 16;
const MAX_ADDRESSES = 16;

/**
 * The orchestrators that a membership's addresses lead to, in their order, each with all of its addresses.
 * Throws PEER_UNREACHABLE when no address names a peer.
 */
export function orchestratorsOf(addresses: readonly string[]): PeerAddress[] {
  const found = new Map<string, string[]>();
  for (const address of addresses) {
    const peerId = /\/p2p\/([1-9A-HJ-NP-Za-km-z]+)$/.exec(address)?.[1];
    if (peerId !== undefined) found.set(peerId, [...(found.get(peerId) ?? []), address]);
  }
  if (found.size === 0)
    throw new RiosError('PEER_UNREACHABLE', 'the network has given no address of an orchestrator', {
      details: { addresses },
    });
  return Array.from(found, ([peerId, its]) => ({ peerId, addresses: its.slice(0, MAX_ADDRESSES) })).slice(
    0,
    MAX_ORCHESTRATORS,
  );
}

/** The other way round: what a membership keeps of them. Each address ends in /p2p/<peer id>. */
export function addressesOf(orchestrators: readonly PeerAddress[]): string[] {
  return orchestrators.flatMap(({ peerId, addresses }) =>
    addresses.map((address) => (address.endsWith(`/p2p/${peerId}`) ? address : `${address}/p2p/${peerId}`)),
  );
}

/**
 * The live ones first, as they are now, then those known before: one that is away may come back, and be the only
 * one then. Without a live one that has an address, what was known stays.
 */
export function mergeOrchestrators(
  known: readonly PeerAddress[],
  live: readonly PeerAddress[],
): readonly PeerAddress[] {
  const reachable = live.filter(({ addresses }) => addresses.length > 0);
  const now = new Set(reachable.map(({ peerId }) => peerId));
  return [...reachable, ...known.filter(({ peerId }) => !now.has(peerId))].slice(0, MAX_ORCHESTRATORS);
}

/** All of them in the order to try: the one that was left comes last. */
export function passOver(
  orchestrators: readonly PeerAddress[],
  left: PeerAddress | undefined,
): readonly PeerAddress[] {
  const isLeft = ({ peerId }: PeerAddress) => peerId === left?.peerId;
  return [...orchestrators.filter((one) => !isLeft(one)), ...orchestrators.filter(isLeft)];
}
