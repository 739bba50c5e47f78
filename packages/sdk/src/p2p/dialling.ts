import type { Connection, Libp2p } from '@libp2p/interface';
import { RiosError } from '../errors/error.ts';
import type { PeerAddress } from '../schema/worker.ts';
import type * as Host from './libp2p-host.ts';

/** Opens connections, one dial per peer at a time. */
export interface Dialling {
  /** An open connection to the peer: one that is there, else a new one. */
  connection(to: PeerAddress, signal: AbortSignal): Promise<Connection>;
  /** A new connection, whatever is there. */
  fresh(to: PeerAddress, signal: AbortSignal): Promise<Connection>;
  /** A new connection to whoever answers at that address. */
  address(address: string, signal: AbortSignal): Promise<Connection>;
}

/** Dialling over a libp2p host. Throws PEER_TIMEOUT or PEER_UNREACHABLE. */
export function createDialling(host: Libp2p, { multiaddr, peerIdFromString }: typeof Host): Dialling {
  const turns = new Map<string, Promise<unknown>>();

  /** libp2p lets dials to one peer share a connection: then closing a fresh one would close another's. */
  const inTurn = <T>(peerId: string, act: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(peerId) ?? Promise.resolve()).then(act, act);
    turns.set(peerId, turn);
    const done = () => turns.get(peerId) === turn && turns.delete(peerId);
    turn.then(done, done);
    return turn;
  };

  const existing = (peerId: string) =>
    host.getConnections(peerIdFromString(peerId)).find((connection) => connection.status === 'open');

  const dial = async (to: PeerAddress, signal: AbortSignal) => {
    if (to.addresses.length === 0) throw new RiosError('PEER_UNREACHABLE', 'no address of the peer is known');
    const targets = to.addresses.map((address) => multiaddr(withPeerId(address, to.peerId)));
    return await host.dial(targets, { signal, force: true });
  };

  return {
    async connection(to, signal) {
      const found = existing(to.peerId);
      if (found !== undefined) return found;
      return await inTurn(to.peerId, async () => existing(to.peerId) ?? (await dial(to, signal)));
    },
    fresh: (to, signal) => inTurn(to.peerId, () => dial(to, signal)),
    address: (address, signal) =>
      inTurn(address, () => host.dial(multiaddr(address), { signal, force: true })),
  };
}

/** The address with /p2p/<id> at its end, so that only this peer passes the handshake. */
function withPeerId(address: string, peerId: string): string {
  if (!address.includes('/p2p/')) return `${address}/p2p/${peerId}`;
  if (address.endsWith(`/p2p/${peerId}`)) return address;
  throw new RiosError('PEER_UNREACHABLE', 'the address belongs to another peer', { details: { address } });
}

/** What opening a connection or a stream threw, as one of ours. */
export function dialError(error: unknown, to: string, signal: AbortSignal): RiosError {
  if (signal.aborted) return new RiosError('PEER_TIMEOUT', `${to} did not answer in time`, { cause: error });
  if (error instanceof RiosError && error.code !== 'PEER_LOST') return error;
  const reasons = error instanceof AggregateError ? error.errors : [error];
  const reason = reasons.map((one) => (one instanceof Error ? one.message : String(one))).join('; ');
  return new RiosError('PEER_UNREACHABLE', `${to} cannot be reached`, {
    cause: error,
    details: { reason: reason.slice(0, 500) },
  });
}

/** Closes a connection, by force when it does not close by itself. */
export async function closeConnection(connection: Connection): Promise<void> {
  await connection.close().catch((error: Error) => connection.abort(error));
}
