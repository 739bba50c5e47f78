import type { AppSpec } from '@rios/sdk/schema/app';
import type { DeploymentRecord } from '../store/deployments.ts';

/** Between which numbers of replicas a deployment moves. */
export interface ReplicaBounds {
  readonly min: number;
  readonly max: number;
}

/** What the spec says, less what `scale` set in its place. Pure. */
export function boundsOf(spec: Pick<AppSpec, 'replicas'>, scale: DeploymentRecord['scale']): ReplicaBounds {
  if (scale.replicas !== undefined) return { min: scale.replicas, max: scale.replicas };
  const min = scale.min ?? spec.replicas.min;
  return { min, max: Math.max(min, scale.max ?? spec.replicas.max) };
}

/**
 * How many replicas are wanted now: what the autoscaler last found (`{"wanted": n}` in autoscaleJson) within the
 * bounds; before that the lowest number, but one at least, so that a release is seen to work before it sleeps. None
 * while it is not to run. Pure.
 */
export function wantedReplicas(
  { wish, scale, autoscaleJson }: Pick<DeploymentRecord, 'wish' | 'scale' | 'autoscaleJson'>,
  spec: Pick<AppSpec, 'replicas'>,
): number {
  if (wish !== 'run') return 0;
  const { min, max } = boundsOf(spec, scale);
  const { wanted } = JSON.parse(autoscaleJson) as { wanted?: unknown };
  const found = Number.isSafeInteger(wanted) ? Number(wanted) : Math.max(min, 1);
  return Math.min(Math.max(found, min), max);
}
