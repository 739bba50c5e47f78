import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { Clock } from '@rios/sdk/clock';
import { fromBase64url } from '@rios/sdk/crypto/hash';
import { DIRECT_TLS } from '@rios/sdk/p2p/direct-tls';
import type { DirectOffer } from '@rios/sdk/schema/container';

/** Connects to an orchestrator's port for tunnels; undefined when it is not reached, and for a while after that. */
export type BringDirect = (host: string, offer: DirectOffer) => Promise<TLSSocket | undefined>;

const CONNECT_MS = 1_000;
/** A port that was not reached is not tried again before this. */
const REST_MS = 60_000;
/** Ports remembered. */
const MAX_RESTING = 64;

export function createBringDirect(clock: Clock): BringDirect {
  const resting = new Map<string, number>();
  return async (host, { port, id, key }) => {
    const place = `${host} ${port}`;
    if ((resting.get(place) ?? 0) > clock.now()) return undefined;
    const psk = fromBase64url(key);
    const socket = connect({
      ...DIRECT_TLS,
      ...{ host, port },
      pskCallback: () => ({ psk, identity: id }),
      // there is no certificate: the key proves the other end
      checkServerIdentity: () => undefined,
    });
    // whoever lost a connection hears of it by its close
    socket.on('error', () => {});
    try {
      await once(socket, 'secureConnect', { signal: AbortSignal.timeout(CONNECT_MS) });
      socket.setNoDelay(true);
      return socket;
    } catch {
      socket.destroy();
      if (resting.size >= MAX_RESTING) resting.clear();
      resting.set(place, clock.now() + REST_MS);
      return undefined;
    }
  };
}
