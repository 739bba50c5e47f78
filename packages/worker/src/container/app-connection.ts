import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { RiosError } from '@rios/sdk/errors/error';
import { joinEnds } from '@rios/sdk/p2p/join-sockets';
import type { PortAddress } from './contract.ts';

/** Read at once from a container: one buffer for the life of the connection. */
const READ_BYTES = 128 * 1024;

/** A connection to a container's port. */
export interface AppConnection {
  /** Passes bytes between the container and the other end until either is gone. */
  join(other: Duplex): void;
}

/** Connects to a port of a container. Throws PEER_UNREACHABLE. */
export async function connectToApp({ host, port }: PortAddress, signal: AbortSignal): Promise<AppConnection> {
  let pass = (_bytes: Uint8Array) => {};
  const callback = (sizeBytes: number, buffer: Uint8Array) => {
    pass(buffer.subarray(0, sizeBytes));
    return false;
  };
  // nothing is read before `join`: a paused socket with `onread` does not start
  const socket = connect({
    ...{ host, port, noDelay: true },
    onread: { buffer: new Uint8Array(READ_BYTES), callback },
  });
  socket.pause();
  // whoever lost a connection hears of it by its close
  socket.on('error', () => {});
  try {
    await once(socket, 'connect', { signal });
  } catch (cause) {
    socket.destroy();
    throw new RiosError('PEER_UNREACHABLE', 'the container does not take connections on its port', { cause });
  }
  return {
    join(other) {
      pass = (bytes) => other.write(bytes, () => socket.resume());
      other.pipe(socket);
      joinEnds(socket, other);
      socket.resume();
    },
  };
}
