import { RiosError } from '@rios/sdk/errors/error';
import type { PeerAddress } from '@rios/sdk/schema/worker';

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
  return Array.from(found, ([peerId, its]) => ({ peerId, addresses: its.slice(0, 16) }));
}
