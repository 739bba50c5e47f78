import { isDeepStrictEqual } from 'node:util';
import { changeSpec } from '@rios/sdk/app/change-spec';
import { RiosError } from '@rios/sdk/errors/error';
import type { DeploymentView } from '@rios/sdk/schema/deployment';
import type { Progress } from '../../progress/progress.ts';
import { type AppFlags, readAppFlags } from '../deploy/read-app-flags.ts';
import type { AwaitOptions } from './await-deployment.ts';
import { followRelease } from './follow-release.ts';

/**
 * Makes a release of the latest one's wish, changed by the flags, and follows it.
 * @throws RiosError USER_INVALID_REQUEST (nothing differs), DEPLOY_OVERTAKEN, and as followRelease
 */
export async function updateDeployment(
  options: AwaitOptions & {
    readonly flags: AppFlags;
    readonly unset: readonly string[];
    readonly detach: boolean;
  },
  progress: Progress,
): Promise<DeploymentView> {
  const { client, name, signal, unset } = options;
  const given = await readAppFlags(options.flags, process.env);
  const latest = await client.getDeployment({ params: { name }, signal });
  const spec = changeSpec(latest.spec, { given, unset });
  if (isDeepStrictEqual(spec, latest.spec)) {
    throw new RiosError('USER_INVALID_REQUEST', `nothing of ${name} would be otherwise`, {
      hint: 'Say what to change: see rios deployment update --help.',
    });
  }
  const body = { spec, expectedRelease: latest.latestRelease };
  const made = await client.deploy({ params: { name }, body, signal });
  return followRelease({ ...options, made }, progress);
}
