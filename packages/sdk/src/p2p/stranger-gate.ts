import type { Connection, Stream } from '@libp2p/interface';
import type { Clock } from '../clock.ts';
import { RiosError } from '../errors/error.ts';
import type { Log } from '../log.ts';
import type { StrangerService } from './contract.ts';
import { closeConnection } from './dialling.ts';
import { fromLibp2pStream } from './libp2p-stream.ts';

/** Strangers that may be connected at once. */
const MAX_STRANGERS = 64;

/** What peers that are not accepted may do: nothing, or one stream of one protocol. */
export interface StrangerGate {
  /** Asked when a stranger's connection has proved its peer id. False = drop it. */
  admits(remoteAddress: string): boolean;
  /** Starts the clock of a stranger's connection. */
  onConnection(connection: Connection): void;
  /** A stream of the strangers' protocol, of anybody. */
  onStream(stream: Stream, connection: Connection): Promise<void>;
  serve(service: StrangerService): void;
}

/** A gate that lets nobody in until `serve` is called. */
export function createStrangerGate(
  accept: (peerId: string) => boolean,
  clock: Clock,
  log: Log,
): StrangerGate {
  const open = new Set<Connection>();
  const served = new WeakSet<Connection>();
  let service: StrangerService | undefined;

  const expel = (connection: Connection, why: string) => {
    log.debug('stranger expelled', { peerId: connection.remotePeer.toString(), why });
    connection.abort(new RiosError('AUTH_PEER_UNKNOWN', why));
  };

  return {
    admits: (remoteAddress) =>
      service !== undefined && open.size < MAX_STRANGERS && service.admitConnection(remoteAddress),
    onConnection(connection) {
      if (connection.direction !== 'inbound' || accept(connection.remotePeer.toString())) return;
      if (service === undefined) return expel(connection, 'no strangers here');
      const stop = clock.after(service.timeoutMs, () => expel(connection, 'its time is over'));
      open.add(connection);
      connection.addEventListener('close', () => {
        stop();
        open.delete(connection);
      });
    },
    async onStream(stream, connection) {
      if (service === undefined || served.has(connection)) return expel(connection, 'it asks a second time');
      served.add(connection);
      const peerId = connection.remotePeer.toString();
      try {
        // closing now could overtake the last answer: the caller closes, or the timer does
        await service.onStream(fromLibp2pStream(stream), peerId, hostOf(connection));
      } catch (error) {
        log.debug('join failed', { peerId, error: String(error) });
        await closeConnection(connection);
      }
    },
    serve(given) {
      service = given;
    },
  };
}

/** The remote host of a connection: an IP address as text. */
export function hostOf(connection: Pick<Connection, 'remoteAddr'>): string {
  return connection.remoteAddr.getComponents()[0]?.value ?? '';
}
