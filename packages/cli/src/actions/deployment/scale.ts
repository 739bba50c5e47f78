import { RiosError } from '@rios/sdk/errors/error';
import type { DeploymentView } from '@rios/sdk/schema/deployment';
import type { Progress } from '../../progress/progress.ts';
import { type AwaitOptions, awaitDeployment } from './await-deployment.ts';

export interface ScaleOptions extends AwaitOptions {
  readonly replicas?: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly wait: boolean;
}

/** What is sent. Throws USER_INVALID_REQUEST for nothing, for both forms, and for bounds that cross. */
export function scaleOf({ replicas, min, max }: Pick<ScaleOptions, 'replicas' | 'min' | 'max'>) {
  const wrong = (message: string, hint: string) => new RiosError('USER_INVALID_REQUEST', message, { hint });
  const hasBounds = min !== undefined || max !== undefined;
  if (replicas === undefined && !hasBounds) {
    throw wrong('there is no number of replicas', 'Write it after the name, or give --min and --max.');
  }
  if (replicas !== undefined && hasBounds) {
    throw wrong('a number goes without --min and --max', 'It sets both bounds.');
  }
  if (min !== undefined && max !== undefined && min > max) {
    throw wrong(`--min ${min} is more than --max ${max}`, 'Swap them.');
  }
  return {
    ...(replicas === undefined ? {} : { replicas }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
}

/** Sets how many replicas run, and with `wait` waits until they do. Throws as scaleOf and awaitDeployment do. */
export async function scaleDeployment(options: ScaleOptions, progress: Progress): Promise<DeploymentView> {
  const { client, name, signal, wait, replicas } = options;
  const body = scaleOf(options);
  const view = await client.scaleDeployment({ params: { name }, body, signal });
  if (!wait) return view;
  progress.step(`Scaling ${name}`);
  const isDone = ({ healthy, wanted, replicas: all }: DeploymentView): boolean =>
    healthy === wanted && all.length === wanted && (replicas === undefined || wanted === replicas);
  const scaled = await awaitDeployment(options, isDone, progress);
  progress.stop();
  return scaled;
}
