import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import type { ConnectionGater, Libp2p } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { tls } from '@libp2p/tls';
import { yamux } from '@libp2p/yamux';
import { createLibp2p } from 'libp2p';
import type { Identity } from '../crypto/identity.ts';

/** What the libp2p host is made of. */
export interface HostOptions {
  readonly identity: Identity;
  readonly listen: readonly string[];
  readonly announce: readonly string[];
  readonly gater: ConnectionGater;
}

/** Connections from one address per second: many workers may stand behind one. */
const CONNECTIONS_PER_SECOND = 100;
/** Time for a handshake. With the rate above, one address cannot take all the places of those below. */
const HANDSHAKE_MS = 5_000;
const MAX_HANDSHAKES = 1_024;

/**
 * The one place that loads libp2p: TCP, TLS 1.3 before Noise, yamux with its default windows (both ends must
 * have the same), no discovery and no identify. yamux keeps idle connections alive.
 */
export async function createHost({ identity, listen, announce, gater }: HostOptions): Promise<Libp2p> {
  const raw = Uint8Array.from([...identity.privateKey, ...identity.publicKey]);
  return await createLibp2p({
    start: false,
    privateKey: privateKeyFromRaw(raw),
    addresses: { listen: [...listen], announce: [...announce] },
    transports: [tcp()],
    connectionEncrypters: [tls(), noise()],
    streamMuxers: [yamux()],
    connectionGater: gater,
    connectionMonitor: { enabled: false },
    connectionManager: {
      maxConnections: 4096,
      maxIncomingPendingConnections: MAX_HANDSHAKES,
      inboundUpgradeTimeout: HANDSHAKE_MS,
      inboundConnectionThreshold: CONNECTIONS_PER_SECOND,
      reconnectRetries: 0,
    },
  });
}

export { peerIdFromString } from '@libp2p/peer-id';
export { multiaddr } from '@multiformats/multiaddr';
