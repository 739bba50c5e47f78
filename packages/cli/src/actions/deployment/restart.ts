import type { DeploymentView } from '@rios/sdk/schema/deployment';
import type { Progress } from '../../progress/progress.ts';
import { type AwaitOptions, awaitDeployment } from './await-deployment.ts';

/** Asks for new replicas, and with `wait` waits until none of the old ones is left and the new ones are healthy. */
export async function restartDeployment(
  options: AwaitOptions & { readonly wait: boolean },
  progress: Progress,
): Promise<DeploymentView> {
  const { client, name, signal, wait } = options;
  const before = await client.getDeployment({ params: { name }, signal });
  const old = new Set(before.replicas.map(({ id }) => id));
  const asked = await client.restartDeployment({ params: { name }, signal });
  if (!wait) return asked;
  progress.step(`Restarting ${name}`);
  const isDone = ({ replicas, healthy, wanted, state }: DeploymentView): boolean =>
    state === 'asleep' ||
    (healthy === wanted && wanted > 0 && !replicas.some(({ id }) => old.has(id)) && state === 'ready');
  const view = await awaitDeployment(options, isDone, progress);
  progress.stop();
  return view;
}
