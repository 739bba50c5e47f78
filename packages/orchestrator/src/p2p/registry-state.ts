import { RiosError } from '@rios/sdk/errors/error';
import type { PeerAddress } from '@rios/sdk/schema/worker';
import type { Background } from './background.ts';
import type { DrainNotice } from './drain-notice.ts';
import type { RecordModules, WorkerRecords } from './worker-records.ts';

/** A lease ends this long after the last heartbeat. */
export const LEASE_TTL_MS = 6_000;
/** Wait after the store could not be written. */
const RETRY_MS = 1_000;

export interface RegistryModules extends RecordModules {
  /** What an own worker says of its containers changed. */
  readonly onContainers?: (reason: string) => void;
  /** Dials the worker on a fresh connection. Throws PEER_UNREACHABLE. */
  readonly prove: (to: PeerAddress, timeoutMs: number) => Promise<void>;
}

/** What the parts of a worker registry share. */
export interface RegistryState {
  readonly modules: RegistryModules;
  readonly records: WorkerRecords;
  readonly background: Background;
  readonly notice: DrainNotice;
}

/** Names of timers: the end of a worker's lease, and the next time that it is dialled. */
export const leaseOf = (peerId: string) => `lease ${peerId}`;
export const dialOf = (peerId: string) => `dial ${peerId}`;

/** The worker gave a sign of life. */
export function renewLease(state: RegistryState, peerId: string): void {
  const expire = () => loseWorker(state, peerId, `no heartbeat for ${LEASE_TTL_MS} ms`);
  state.background.later(leaseOf(peerId), LEASE_TTL_MS, expire);
}

/** It is gone: whatever it held is elsewhere from now on. Tried again while the store cannot be written. */
export async function loseWorker(state: RegistryState, peerId: string, reason: string): Promise<void> {
  const { records, background } = state;
  const worker = records.get(peerId);
  if (background.stopped || worker === undefined || worker.state === 'lost') return;
  background.cancel(leaseOf(peerId));
  background.cancel(dialOf(peerId));
  const end =
    worker.state === 'draining'
      ? { reason: 'left after draining', kind: 'worker.left' }
      : { reason, kind: 'worker.lost' };
  try {
    await records.release(worker, { ...end, state: 'lost' });
  } catch (error) {
    background.later(leaseOf(peerId), RETRY_MS, () => loseWorker(state, peerId, reason));
    throw error;
  } finally {
    await worker.link?.close(new RiosError('PEER_LOST', reason));
  }
}
