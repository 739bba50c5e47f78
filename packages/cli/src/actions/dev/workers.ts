import type { Client } from '@rios/sdk/api/client';
import type { ReadyChild } from './children.ts';
import type { DevWorker } from './options.ts';

/** The workers that were started, and whether each takes containers. */
export async function describeWorkers(
  started: readonly ReadyChild[],
  client: Client,
  signal: AbortSignal,
): Promise<DevWorker[]> {
  const { workers } = await client.listWorkers({ signal });
  const offers = new Map(workers.map((worker) => [worker.id, worker.offer]));
  return started.map(({ name, ready }) => {
    const id = String(ready.peerId);
    const offer = offers.get(id);
    return {
      name,
      id,
      containers: offer?.containers?.engine ?? null,
      containersReason: offer?.containers === undefined ? (offer?.containersReason ?? null) : null,
    };
  });
}
