import { RiosError } from '@rios/sdk/errors/error';
import type { DeploymentView, ReleaseView } from '@rios/sdk/schema/deployment';
import type { Progress } from '../../progress/progress.ts';
import { type AwaitOptions, awaitDeployment } from './await-deployment.ts';

/** States of a deployment in which nothing more happens to a release by itself. */
const RESTS: readonly DeploymentView['state'][] = ['stopped', 'asleep'];

/** The last lines of the replica that failed last, if any said something. */
function lastWords({ replicas }: DeploymentView, release: number): string {
  const spoke = replicas.filter((one) => one.release === release && one.reason !== '');
  return spoke.at(-1)?.reason ?? '';
}

/** What became of a release that did not come to serve. */
export function releaseFailed(view: DeploymentView, release: ReleaseView): RiosError {
  const why = release.reason || lastWords(view, release.number) || view.reason || 'no reason is known';
  const kept =
    view.activeRelease === null ? 'nothing of it serves' : `release ${view.activeRelease} still serves`;
  return new RiosError('DEPLOY_FAILED', `release ${release.number} of ${view.name} failed: ${why}; ${kept}`, {
    hint: `See rios logs ${view.name} and rios deployment events ${view.name}.`,
    details: { name: view.name, release: release.number, state: release.state, reason: why },
  });
}

/** Whether a release serves as it was wished. Throws when it never will. */
export function hasArrived(view: DeploymentView, release: ReleaseView): boolean {
  if (release.state === 'failed' || release.state === 'rolled-back') throw releaseFailed(view, release);
  if (release.state === 'superseded') {
    throw new RiosError(
      'DEPLOY_OVERTAKEN',
      `release ${release.number} of ${view.name} was overtaken by release ${view.latestRelease}`,
      { hint: `See rios deployment releases ${view.name}.` },
    );
  }
  if (view.state === 'paused' || view.state === 'failed') throw releaseFailed(view, release);
  if (RESTS.includes(view.state)) return true;
  return release.state === 'active' && view.state === 'ready';
}

/**
 * Waits until a release serves with all its replicas, or failed.
 * @throws RiosError DEPLOY_FAILED (with why, and what serves instead), DEPLOY_OVERTAKEN, API_TIMEOUT
 */
export function awaitRelease(
  options: AwaitOptions & { readonly release: number },
  progress: Progress,
): Promise<DeploymentView> {
  const { client, name, release, signal } = options;
  const isDone = async (view: DeploymentView): Promise<boolean> => {
    const { releases } = await client.listReleases({ params: { name }, signal });
    const found = releases.find(({ number }) => number === release);
    return found !== undefined && hasArrived(view, found);
  };
  return awaitDeployment(options, isDone, progress);
}
