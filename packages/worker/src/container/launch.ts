import { RiosError } from '@rios/sdk/errors/error';
import type { DesiredReplica } from '@rios/sdk/schema/container';
import type { Engine } from './engine.ts';
import { tenantNetwork } from './networks.ts';
import type { ReplicaModules } from './replica.ts';
import { hasNetwork, replicaSpec } from './replica-options.ts';

/**
 * Gets what a container needs, makes it, and starts it. `onCreated` is told its id before it starts.
 * Throws what sources, engine and sealing throw.
 */
export async function launch(
  desired: DesiredReplica,
  engine: Engine,
  { worker, sources, openEnv }: Pick<ReplicaModules, 'worker' | 'sources' | 'openEnv'>,
  onCreated: (id: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (desired.resources.gpus > 0)
    throw new RiosError('CAPACITY_NO_GPU', 'this worker lends no GPU to containers');
  const [source, env] = await Promise.all([
    sources.prepare(desired, engine, signal),
    openEnv(desired),
    hasNetwork(desired) ? engine.ensureNetwork(tenantNetwork(worker, desired.tenant)) : undefined,
  ]);
  signal.throwIfAborted();
  const id = await engine.create(replicaSpec(worker, desired, source, env));
  onCreated(id);
  await engine.start(id);
}
