import type { Client } from '@rios/sdk/api/client';
import { hasCode, RiosError } from '@rios/sdk/errors/error';
import type { DeploymentView } from '@rios/sdk/schema/deployment';
import type { Progress } from '../../progress/progress.ts';
import { awaitRelease } from './await-release.ts';

/**
 * Waits for the release that was just made, or not. Ctrl-C only stops the waiting, and says how to go on.
 * @throws RiosError DEPLOY_FAILED, DEPLOY_OVERTAKEN, API_TIMEOUT, USER_INTERRUPTED
 */
export async function followRelease(
  options: {
    readonly client: Client;
    /** As the orchestrator answered when it took the release. */
    readonly made: DeploymentView;
    readonly detach: boolean;
    readonly timeoutMs?: number | undefined;
    readonly signal: AbortSignal;
  },
  progress: Progress,
): Promise<DeploymentView> {
  const { client, made, timeoutMs, signal } = options;
  if (options.detach) return made;
  const { name, latestRelease: release } = made;
  progress.step(`Rolling out release ${release} of ${name}`);
  try {
    const view = await awaitRelease({ client, name, release, timeoutMs, signal }, progress);
    progress.stop();
    return view;
  } catch (error) {
    if (!hasCode(error, 'USER_INTERRUPTED')) throw error;
    throw new RiosError('USER_INTERRUPTED', `stopped waiting; release ${release} of ${name} goes on`, {
      hint: `See rios deployment status ${name}; take it back: rios deployment rollback ${name}.`,
      cause: error,
    });
  }
}
