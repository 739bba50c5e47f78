import type { Client } from '@rios/sdk/api/client';
import type { ProjectFile } from '@rios/sdk/config/project-schema';
import { RiosError } from '@rios/sdk/errors/error';
import type { ModelReport } from '@rios/sdk/schema/deploy-results';
import type { Progress } from '../../progress/progress.ts';
import { placeModel } from '../model/place.ts';
import { pushModel } from '../model/push.ts';

/** The rest is of applications: the planner places a model where it fits. */
const OF_MODELS: readonly string[] = ['name', 'context', 'model'];

function refuseForeign(project: ProjectFile): void {
  const said = Object.entries(project).filter(([, value]) => JSON.stringify(value) !== '{}');
  const foreign = said.find(([key]) => !OF_MODELS.includes(key))?.[0];
  if (foreign === undefined) return;
  throw new RiosError('USER_INVALID_REQUEST', `${foreign} cannot be said of a model`, {
    hint: 'The planner chooses how many workers hold a model: see rios model place --help.',
    details: { key: foreign },
  });
}

/**
 * Pushes a bundle and places it.
 * @throws RiosError as pushModel and placeModel
 */
export async function deployModel(
  options: {
    readonly client: Client;
    readonly bundle: string;
    readonly project: ProjectFile;
    readonly timeoutMs?: number | undefined;
    readonly signal: AbortSignal;
  },
  progress: Progress,
): Promise<ModelReport> {
  const { client, bundle, project, timeoutMs, signal } = options;
  refuseForeign(project);
  const { model, sentBytes, presentBytes } = await pushModel(
    { client, bundle, name: project.name, signal },
    progress,
  );
  const placed = await placeModel({ client, name: model.name, timeoutMs, signal }, progress);
  return { kind: 'model', ...placed, sentBytes, presentBytes };
}
