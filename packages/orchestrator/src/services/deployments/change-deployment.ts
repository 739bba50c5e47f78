import { RiosError } from '@rios/sdk/errors/error';
import type { Asker } from '../../auth/ownership.ts';
import { appendAudit } from '../../store/audit.ts';
import {
  changeDeployment,
  DEPLOYMENTS_KEY,
  type DeploymentChange,
  type DeploymentRecord,
  deleteDeployment,
  type ScaleWish,
} from '../../store/deployments.ts';
import { AT_ONCE, enqueueEvaluation } from '../../store/evaluations.ts';
import { addEvent } from '../../store/events.ts';
import { changeRelease, getRelease, listReleaseFiles } from '../../store/releases.ts';
import { listReplicas } from '../../store/replicas.ts';
import type { Store } from '../../store/store.ts';
import { checkQuota } from './check-quota.ts';
import type { DeploymentModules } from './deployments-port.ts';
import { ownDeployment } from './own-deployment.ts';
import { releaseOf } from './read-deployment.ts';

/** Who asks for a change of which deployment. */
export interface ChangeWish {
  readonly name: string;
  readonly caller: Asker;
  /** Account of who asks, for the audit log. */
  readonly by: string;
}

/** A change, and how it is told. */
interface Told {
  readonly action: 'scale' | 'restart' | 'stop' | 'delete';
  readonly change: DeploymentChange;
  readonly message: string;
}

/** @throws RiosError NOT_FOUND_DEPLOYMENT, AUTH_FORBIDDEN, CONFLICT_DELETING, USER_INVALID_REQUEST, QUOTA_DEPLOYMENTS */
export async function scaleDeployment(
  modules: DeploymentModules,
  wish: ChangeWish,
  given: ScaleWish,
): Promise<DeploymentRecord> {
  return change(modules, wish, async (tx, known) => {
    const { spec } = await releaseOf(tx, known.id, known.latestRelease);
    const scale = mergeScale(known.scale, given);
    const { min = spec.replicas.min, max = spec.replicas.max } = scale;
    if (min > max) throw new RiosError('USER_INVALID_REQUEST', `min (${min}) is above max (${max})`);
    if (scale.replicas === undefined && max === 0) {
      throw new RiosError('USER_INVALID_REQUEST', 'max is 0', { hint: 'Stop it: rios deployment stop.' });
    }
    await checkQuota(tx, known.accountId, { name: known.name, spec, scale, isNew: false });
    const text = Object.entries(scale).map(([key, value]) => `${key} ${value}`);
    return { action: 'scale', change: { scale }, message: `scaled: ${text.join(', ')}` };
  });
}

/** A number of replicas stands for both bounds; bounds take its place. Pure. @throws RiosError USER_INVALID_REQUEST */
export function mergeScale(known: ScaleWish, given: ScaleWish): ScaleWish {
  const { replicas, ...bounds } = given;
  if (replicas !== undefined) {
    if (Object.keys(bounds).length === 0) return { replicas };
    throw new RiosError('USER_INVALID_REQUEST', 'give replicas, or min and max');
  }
  if (Object.keys(bounds).length === 0) {
    throw new RiosError('USER_INVALID_REQUEST', 'give replicas, min or max');
  }
  const { replicas: _replaced, ...before } = known;
  return { ...before, ...bounds };
}

/** Every replica of the active release is replaced; a stopped deployment starts. @throws RiosError as `scaleDeployment` */
export async function restartDeployment(
  modules: DeploymentModules,
  wish: ChangeWish,
): Promise<DeploymentRecord> {
  return change(modules, wish, async (tx, known) => {
    const latest = await releaseOf(tx, known.id, known.latestRelease);
    const { spec } = latest;
    await checkQuota(tx, known.accountId, { name: known.name, spec, scale: known.scale, isNew: false });
    // nothing of it ever served: its only release is tried again
    const isRetry = known.activeRelease === null && latest.state === 'failed';
    if (isRetry) await changeRelease(tx, latest, { state: 'pending', reason: 'asked to restart' });
    const restarted = { wish: 'run' as const, restartCount: known.restartCount + 1 };
    return { action: 'restart', change: restarted, message: 'asked to restart' };
  });
}

/** @throws RiosError NOT_FOUND_DEPLOYMENT, AUTH_FORBIDDEN, CONFLICT_DELETING */
export async function stopDeployment(
  modules: DeploymentModules,
  wish: ChangeWish,
): Promise<DeploymentRecord> {
  return change(modules, wish, async () => ({
    action: 'stop',
    change: { wish: 'stop' },
    message: 'asked to stop',
  }));
}

/**
 * Its containers go, then all that is its. What never had a container is gone at once; the rest the loop removes.
 * @throws RiosError NOT_FOUND_DEPLOYMENT, AUTH_FORBIDDEN
 */
export async function removeDeployment(modules: DeploymentModules, wish: ChangeWish): Promise<void> {
  const { store, wake, blobs } = modules;
  const files = await store.transaction().execute(async (tx) => {
    const known = await ownDeployment(tx, wish.caller, wish.name, 'change');
    if (known.wish === 'delete') return [];
    const going = { wish: 'delete', state: 'deleting', reason: 'its containers are being removed' } as const;
    await changeDeployment(tx, known.id, going, modules.clock.now());
    await note(tx, modules, wish, known, { action: 'delete', change: going, message: 'asked to be deleted' });
    if ((await listReplicas(tx, known.id)).length > 0) return [];
    const named = await listReleaseFiles(tx, known.id);
    await deleteDeployment(tx, known.id);
    return named;
  });
  wake();
  await blobs.collect(files);
}

/**
 * The release to go back to: the one before the one that serves, of those that were healthy once; while another takes
 * over, the one that serves. @throws RiosError NOT_FOUND_RELEASE
 */
export async function findRollback(
  store: Store,
  { id, name, activeRelease, latestRelease }: DeploymentRecord,
): Promise<number> {
  const latest = await getRelease(store, id, latestRelease);
  const isTaking = latest?.state === 'pending' || latest?.state === 'rolling';
  if (isTaking && activeRelease !== null) return activeRelease;
  for (let number = (activeRelease ?? latestRelease) - 1; number > 0; number--) {
    const release = await getRelease(store, id, number);
    if (release?.healthyAt !== null && release !== undefined) return number;
  }
  throw new RiosError('NOT_FOUND_RELEASE', `${name} has no earlier release that worked`);
}

async function change(
  modules: DeploymentModules,
  wish: ChangeWish,
  decide: (tx: Store, known: DeploymentRecord) => Promise<Told>,
): Promise<DeploymentRecord> {
  const changed = await modules.store.transaction().execute(async (tx) => {
    const known = await ownDeployment(tx, wish.caller, wish.name, 'change');
    if (known.wish === 'delete') throw new RiosError('CONFLICT_DELETING', `${wish.name} is being deleted`);
    const told = await decide(tx, known);
    const now = modules.clock.now();
    await changeDeployment(tx, known.id, told.change, now);
    await note(tx, modules, wish, known, told);
    return { ...known, ...told.change, updatedAt: now };
  });
  modules.wake();
  return changed;
}

async function note(
  tx: Store,
  { clock }: DeploymentModules,
  { name, by }: ChangeWish,
  { accountId }: DeploymentRecord,
  { action, message }: Told,
): Promise<void> {
  const at = clock.now();
  await addEvent(tx, { at, kind: `deployment.${action}`, subject: name, message, accountId });
  await enqueueEvaluation(tx, { key: DEPLOYMENTS_KEY, reason: `${name}: ${message}`, dueAt: AT_ONCE });
  const details = { change: message, outcome: 'ok' };
  await appendAudit(tx, { at, actor: by, action: `deployment.${action}`, subject: name, details });
}
