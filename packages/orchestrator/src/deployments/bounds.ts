import type { AppSpec } from '@rios/sdk/schema/app';
import type { ScaleWish } from '../store/deployments.ts';
import type { Bounds } from './autoscale.ts';

/** How many replicas there may be: what `scale` set, else what the release says. */
export function boundsOf({ replicas }: Pick<AppSpec, 'replicas'>, scale: ScaleWish): Bounds {
  if (scale.replicas !== undefined) return { min: scale.replicas, max: scale.replicas };
  const min = scale.min ?? replicas.min;
  return { min, max: Math.max(min, scale.max ?? replicas.max) };
}

/** What is kept of the autoscaler's last word: `{"wanted": 2}`; undefined when it said nothing yet. */
export function parseWanted(autoscaleJson: string): number | undefined {
  const parsed: unknown = JSON.parse(autoscaleJson);
  if (typeof parsed !== 'object' || parsed === null || !('wanted' in parsed)) return undefined;
  return typeof parsed.wanted === 'number' ? parsed.wanted : undefined;
}
