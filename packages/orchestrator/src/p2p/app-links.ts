import { RiosError } from '@rios/sdk/errors/error';
import type { Peer } from '@rios/sdk/p2p/peer';
import type { Link } from '@rios/sdk/wire/link';
import { APP } from '@rios/sdk/wire/methods';
import type { Store } from '../store/store.ts';
import { getWorker } from '../store/workers.ts';

/** Opens /rios/app/1 to a worker by its id: logs, and commands in its containers. */
export type OpenApp = (workerId: string) => Promise<Link>;

/**
 * Any orchestrator may open it, whoever has the worker's control link; where there is a connection already it is used.
 * What it gives throws RiosError NOT_FOUND_WORKER, PEER_UNREACHABLE.
 */
export function createOpenApp({
  store,
  peer,
}: {
  readonly store: Store;
  readonly peer: Pick<Peer, 'connect'>;
}): OpenApp {
  return async (workerId) => {
    const worker = await getWorker(store, workerId);
    if (worker === undefined) throw new RiosError('NOT_FOUND_WORKER', `there is no worker ${workerId}`);
    return peer.connect({ peerId: workerId, addresses: [...worker.addresses] }, APP);
  };
}
