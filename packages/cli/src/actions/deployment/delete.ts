import { RiosError } from '@rios/sdk/errors/error';
import type { Progress } from '../../progress/progress.ts';
import { type AwaitOptions, awaitDeployment } from './await-deployment.ts';

/** Asks for the end of a deployment, and with `wait` waits until the orchestrator knows none of that name. */
export async function deleteDeployment(
  options: AwaitOptions & { readonly wait: boolean },
  progress: Progress,
): Promise<void> {
  const { client, name, signal, wait } = options;
  await client.deleteDeployment({ params: { name }, signal });
  if (!wait) return;
  progress.step(`Deleting ${name}`);
  try {
    await awaitDeployment(options, () => false, progress);
  } catch (error) {
    // it is gone: that was asked for
    if (!(error instanceof RiosError) || error.status !== 404) throw error;
  }
  progress.stop();
}
