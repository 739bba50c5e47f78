import type { Libp2p } from '@libp2p/interface';
import { createIdentity } from '../../src/crypto/identity.ts';
import { silentLog } from '../../src/log.ts';
import { createHost } from '../../src/p2p/libp2p-host.ts';
import { createPeer, type Peer, type PeerOptions } from '../../src/p2p/peer.ts';

/** A started peer on loopback that accepts everybody, unless told otherwise. */
export async function startPeer(options: Partial<PeerOptions> = {}): Promise<Peer> {
  const peer = await createPeer({
    identity: createIdentity(),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    accept: () => true,
    log: silentLog,
    ...options,
  });
  await peer.start();
  return peer;
}

export const addressOf = (peer: Peer) => ({ peerId: peer.peerId, addresses: peer.addresses });

/** A bare libp2p host that only dials: for what a peer of ours would never do. */
export async function startHost(): Promise<Libp2p> {
  const host = await createHost({ identity: createIdentity(), listen: [], announce: [], gater: {} });
  await host.start();
  return host;
}

/** Waits, turn by turn of the event loop, until it is so. The test's own timeout is the limit. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}
