import type { Client } from '@rios/sdk/api/client';
import { RiosError } from '@rios/sdk/errors/error';
import type { PlanReport } from '@rios/sdk/schema/deploy-results';
import type { DeploymentPlan } from '@rios/sdk/schema/deployment';
import type { BuiltApp } from './build-app.ts';

/** Where it would go, by the orchestrator; changes nothing. */
export async function planApp(
  client: Client,
  { name, spec }: BuiltApp,
  signal: AbortSignal,
): Promise<PlanReport> {
  const plan = await client.planDeployment({ body: { name, spec }, signal });
  return { kind: 'plan', name, ...plan };
}

/**
 * Refuses a release that could never come to serve. One that takes over needs room for one replica only: those of the
 * release before it make room for the others.
 * @throws RiosError CAPACITY_NO_PLACEMENT; details say who falls short, by how much
 */
export function checkRoom(plan: DeploymentPlan & { readonly name: string }, takesOver: boolean): void {
  const { name, placed, unplaced, rejected } = plan;
  const enough = takesOver ? placed.length > 0 : unplaced === 0;
  if (enough || unplaced === 0) return;
  const wanted = placed.length + unplaced;
  throw new RiosError(
    'CAPACITY_NO_PLACEMENT',
    `there is room for ${placed.length} of ${wanted} replicas of ${name}`,
    {
      hint: 'Ask for less, add workers, or deploy with --detach: it waits for room.',
      details: {
        rejected: rejected.map(({ workerName, reasons }) => ({
          subject: workerName,
          reason: reasons.join('; '),
        })),
      },
    },
  );
}
