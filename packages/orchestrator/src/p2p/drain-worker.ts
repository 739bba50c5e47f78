import { setWorkerWish } from '../store/workers.ts';
import type { RegistryState } from './registry-state.ts';

/** An own worker leaves. */
export async function drainWorker({ records }: RegistryState, peerId: string, reason: string): Promise<void> {
  const worker = records.get(peerId);
  if (worker === undefined || !records.isOwn(worker)) return;
  if (worker.state === 'draining' || worker.state === 'lost') return;
  await records.change(peerId, { state: 'draining', reason, kind: 'worker.draining' });
}

/** An operator wants a worker to leave, wherever its link is. */
export async function askToDrain(state: RegistryState, peerId: string): Promise<void> {
  const { modules, records, notice } = state;
  const worker = records.get(peerId);
  if (worker === undefined || worker.state === 'lost') return;
  if (!records.isOwn(worker)) {
    await setWorkerWish(modules.store, peerId, 'drain');
    return;
  }
  await drainWorker(state, peerId, 'asked to by an operator');
  notice.tell(worker);
}

/** An operator asked elsewhere for an own worker to leave. */
export async function obeyWish(state: RegistryState, peerId: string): Promise<void> {
  await setWorkerWish(state.modules.store, peerId, null);
  await askToDrain(state, peerId);
}
