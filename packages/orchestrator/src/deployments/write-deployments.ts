import type { DesiredContainers } from '@rios/sdk/schema/container';
import { putContainerWish } from '../store/container-wishes.ts';
import { changeDeployment, deleteDeployment } from '../store/deployments.ts';
import { addEvent } from '../store/events.ts';
import { changeRelease } from '../store/releases.ts';
import { deleteReplica, putReplica } from '../store/replicas.ts';
import type { Store } from '../store/store.ts';
import type { DeploymentsPlan } from './situation.ts';

/** Writes a plan in the transaction in which it was made. Events come last: their ids are given out to one at a time. */
export async function writeDeployments(
  tx: Store,
  plan: DeploymentsPlan,
  wishes: ReadonlyMap<string, DesiredContainers>,
  now: number,
): Promise<void> {
  for (const id of plan.gone) await deleteReplica(tx, id);
  for (const replica of plan.replicas) await putReplica(tx, replica);
  for (const release of plan.releases) await changeRelease(tx, release, release);
  for (const { id, state, reason, activeRelease, autoscaleJson } of plan.deployments) {
    await changeDeployment(tx, id, { state, reason, activeRelease, autoscaleJson }, now);
  }
  for (const id of plan.deleted) await deleteDeployment(tx, id);
  for (const [workerId, wish] of wishes) await putContainerWish(tx, workerId, wish, now);
  for (const event of plan.events) await addEvent(tx, { at: now, ...event });
}
