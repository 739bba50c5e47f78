import type { LiveWorker } from './live-worker.ts';
import { moveOrphans, type Perform } from './move-orphans.ts';
import { LEASE_TTL_MS, leaseOf, loseWorker, type RegistryState } from './registry-state.ts';

/** At start: workers that were connected when this orchestrator stopped are awaited. */
export async function loadWorkers(state: RegistryState): Promise<void> {
  const { records } = state;
  await records.load();
  const reason = 'the orchestrator was started again';
  for (const worker of records.list().filter(records.isOwn)) {
    await records.release(worker, { state: 'joining', reason, kind: 'worker.awaited' });
    const released = records.get(worker.peerId);
    if (released !== undefined) awaitReturn(state, released);
  }
}

/** Loses a worker without a link after one lease, unless somebody wrote of it till then. */
export function awaitReturn(state: RegistryState, { peerId, homeToken }: LiveWorker): void {
  state.background.later(leaseOf(peerId), LEASE_TTL_MS, async () => {
    if (state.records.get(peerId)?.homeToken !== homeToken) return;
    await loseWorker(state, peerId, `no heartbeat for ${LEASE_TTL_MS} ms`);
  });
}

/** Awaits the workers of orchestrators that are gone, for as long as somebody looks after them. */
export async function tendWorkers(state: RegistryState, perform: Perform): Promise<void> {
  const { modules, records, background } = state;
  if (background.stopped) return;
  const moved = await moveOrphans(modules, perform);
  if (moved.length > 0) {
    await records.refresh();
    modules.onChange(`workers of an orchestrator that is gone: ${moved.length}`);
  }
  for (const worker of records.list()) {
    const isAwaited = worker.home === null && worker.state === 'joining';
    if (isAwaited && !background.has(leaseOf(worker.peerId))) awaitReturn(state, worker);
  }
}
