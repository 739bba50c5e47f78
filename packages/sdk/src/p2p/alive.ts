import { randomBytes } from 'node:crypto';
import type { Stream } from '@libp2p/interface';
import { RiosError } from '../errors/error.ts';
import type { PeerAddress } from '../schema/worker.ts';
import type { ByteStream } from '../wire/byte-stream.ts';
import { closeConnection, type Dialling, dialError } from './dialling.ts';
import { fromLibp2pStream } from './libp2p-stream.ts';

/** The proof that a connection works both ways: 16 bytes, echoed. Every peer serves it to accepted peers. */
export const ALIVE = { id: '/rios/alive/1', maxInboundStreams: 2 } as const;
const ECHO_BYTES = 16;
const ECHO_MS = 5_000;

/** Dials the peer anew and has bytes echoed; then closes. Throws PEER_UNREACHABLE or PEER_TIMEOUT. */
export async function proveReachable(dialling: Dialling, to: PeerAddress, timeoutMs: number): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const connection = await dialling.fresh(to, signal);
    try {
      await askEcho(fromLibp2pStream(await connection.newStream(ALIVE.id, { signal })), signal);
    } finally {
      await closeConnection(connection);
    }
  } catch (error) {
    throw dialError(error, to.peerId, signal);
  }
}

async function askEcho(stream: ByteStream, signal: AbortSignal): Promise<void> {
  const sent = randomBytes(ECHO_BYTES);
  const answer = readEcho(stream, signal);
  stream.send(sent);
  if (!sent.equals(await answer)) throw new RiosError('PEER_PROTOCOL', 'the peer echoed other bytes');
}

/** Echoes once, then ends the stream. */
export async function answerAlive(opened: Stream): Promise<void> {
  const stream = fromLibp2pStream(opened);
  try {
    stream.send(await readEcho(stream, AbortSignal.timeout(ECHO_MS)));
    await stream.close();
  } catch (error) {
    stream.abort(error instanceof Error ? error : new RiosError('PEER_LOST', 'no bytes to echo'));
  }
}

async function readEcho(stream: ByteStream, signal: AbortSignal): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const bytes = Buffer.alloc(ECHO_BYTES);
  let filled = 0;
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  stream.listen(
    (piece) => {
      bytes.set(piece.subarray(0, ECHO_BYTES - filled), filled);
      filled += Math.min(piece.length, ECHO_BYTES - filled);
      if (filled === ECHO_BYTES) resolve(bytes);
    },
    () => reject(new RiosError('PEER_LOST', 'the stream ended early')),
  );
  return await promise.finally(() => signal.removeEventListener('abort', onAbort));
}
