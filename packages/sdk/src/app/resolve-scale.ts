import type { ProjectFile } from '../config/project-schema.ts';
import { RiosError } from '../errors/error.ts';
import type { AppSpec } from '../schema/app.ts';

/** Requests at once for each replica, where only the bounds are said. */
const USUAL = { metric: 'concurrency', target: 20 } as const;

/**
 * How many replicas, and what holds the number between its bounds.
 * @throws RiosError USER_INVALID_REQUEST
 */
export function resolveScale(project: ProjectFile): Pick<AppSpec, 'replicas' | 'autoscale'> {
  const { replicas = 1, autoscale } = project;
  const bounds = typeof replicas === 'number' ? { min: replicas, max: replicas } : replicas;
  if (bounds.min > bounds.max) throw refuse(`replicas: min ${bounds.min} is above max ${bounds.max}`);
  if (bounds.min === bounds.max) {
    if (autoscale !== undefined) throw refuse('autoscale: there is nothing between min and max replicas');
    return { replicas: bounds, autoscale: null };
  }
  return { replicas: bounds, autoscale: autoscale ?? USUAL };
}

const refuse = (message: string) =>
  new RiosError('USER_INVALID_REQUEST', message, { hint: 'Write for example replicas: {min: 1, max: 5}.' });
