import type { Worker } from 'node:worker_threads';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { GeneratedPart } from '@rios/sdk/schema/inference';
import { type Channel, createChannel } from './channel.ts';
import type { ComputeCalls, NetworkCalls, SessionKey } from './messages.ts';

/** What a session in a thread needs from the main thread. */
export interface SessionListener {
  remoteExperts(peerId: string, layer: number, body: Uint8Array): Promise<Uint8Array>;
  pushHidden(position: number, rows: number, hidden: Uint8Array): Promise<void>;
  part(part: GeneratedPart): void;
  failed(error: unknown): void;
}

/** One life of one thread: from its start until it ends, for whatever reason. */
export interface ComputeThread {
  readonly channel: Channel<ComputeCalls>;
  /** Rejects with RUNTIME_SESSION when the thread ends before it can take calls. */
  readonly ready: Promise<void>;
  /** Resolves with why, once the thread is gone. */
  readonly ended: Promise<RiosError>;
  terminate(): Promise<void>;
}

/** Routes a thread's calls to the listeners of its sessions. */
export function attachThread(
  worker: Worker,
  listeners: ReadonlyMap<SessionKey, SessionListener>,
  log: Log,
): ComputeThread {
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => {});
  const untold = (error: unknown) =>
    log.error('a compute thread said something wrong', { error: String(error) });
  const channel = createChannel<ComputeCalls, NetworkCalls>(
    worker,
    {
      ready: () => ready.resolve(),
      remoteExperts: ({ key, peerId, layer, body }) =>
        listenerOf(listeners, key).remoteExperts(peerId, layer, body),
      pushHidden: ({ key, position, rows, hidden }) =>
        listenerOf(listeners, key).pushHidden(position, rows, hidden),
      part: ({ key, part }) => listeners.get(key)?.part(part),
      failed: ({ key, error }) => listeners.get(key)?.failed(error),
      unexpected: (fields) => log.error('unexpected error in a compute thread', fields),
    },
    untold,
  );
  const ended = whenEnded(worker, (error) => {
    ready.reject(error);
    channel.close(error);
  });
  return {
    channel,
    ready: ready.promise,
    ended,
    terminate: async () => void (await worker.terminate()),
  };
}

function listenerOf(listeners: ReadonlyMap<SessionKey, SessionListener>, key: SessionKey): SessionListener {
  const listener = listeners.get(key);
  if (listener !== undefined) return listener;
  throw new RiosError('RUNTIME_SESSION', 'the session is closed');
}

function whenEnded(worker: Worker, onEnd: (error: RiosError) => void): Promise<RiosError> {
  return new Promise((resolve) => {
    let cause: unknown;
    worker.once('error', (error) => {
      cause = error;
    });
    worker.once('exit', (exitCode) => {
      const error = new RiosError('RUNTIME_SESSION', 'a compute thread ended unexpectedly', {
        details: { exitCode },
        ...(cause === undefined ? {} : { cause }),
      });
      onEnd(error);
      resolve(error);
    });
  });
}
