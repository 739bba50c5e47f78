import type { AppSpec } from '@rios/sdk/schema/app';
import type { DeploymentRecord } from '../store/deployments.ts';
import { boundsOf, parseWanted } from './bounds.ts';

/**
 * How many replicas are wanted now: what the autoscaler last found, within the bounds; before that the lowest number,
 * but one at least, so that a release is seen to work before it sleeps. None while it is not to run. Pure.
 */
export function wantedReplicas(
  { wish, scale, autoscaleJson }: Pick<DeploymentRecord, 'wish' | 'scale' | 'autoscaleJson'>,
  spec: Pick<AppSpec, 'replicas'>,
): number {
  if (wish !== 'run') return 0;
  const { min, max } = boundsOf(spec, scale);
  const found = parseWanted(autoscaleJson) ?? Math.max(min, 1);
  return Math.min(Math.max(found, min), max);
}
