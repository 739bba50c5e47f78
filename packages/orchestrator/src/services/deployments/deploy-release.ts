import { isDeepStrictEqual } from 'node:util';
import { RiosError } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import type { AppSpec } from '@rios/sdk/schema/app';
import type { Asker } from '../../auth/ownership.ts';
import { mayAccess } from '../../auth/ownership.ts';
import { appendAudit } from '../../store/audit.ts';
import { isHeldBy } from '../../store/blob-copies.ts';
import { getBlob, holdBlob, ownsBlob } from '../../store/blobs.ts';
import {
  changeDeployment,
  DEPLOYMENTS_KEY,
  type DeploymentRecord,
  findDeployment,
  insertDeployment,
} from '../../store/deployments.ts';
import { AT_ONCE, enqueueEvaluation } from '../../store/evaluations.ts';
import { addEvent } from '../../store/events.ts';
import { changeRelease, getRelease, insertRelease, pruneReleases } from '../../store/releases.ts';
import { listReplicas } from '../../store/replicas.ts';
import type { Store } from '../../store/store.ts';
import { checkQuota } from './check-quota.ts';
import type { DeploymentModules } from './deployments-port.ts';

/** So many releases of a deployment are kept to go back to. */
export const KEPT_RELEASES = 50;

export interface DeployWish {
  readonly name: string;
  /** Checked by checkSpec. */
  readonly spec: AppSpec;
  /** The latest release as the caller knows it; 0 = the name must be new. */
  readonly expectedRelease?: number | undefined;
  /** Made again from this release. */
  readonly rollbackOf?: number;
  readonly caller: Asker;
  /** Account of who asks, for the audit log. */
  readonly by: string;
}

/**
 * Makes the deployment, or its next release, in one transaction with its event and its evaluation. A release that was
 * still taking over gives way to this one.
 * @throws RiosError CONFLICT_EXISTS (another account's name), CONFLICT_RELEASE, CONFLICT_DELETING, AUTH_FORBIDDEN,
 * NOT_FOUND_BLOB, NOT_FOUND_SECRET, QUOTA_DEPLOYMENTS
 */
export async function deployRelease(modules: DeploymentModules, wish: DeployWish): Promise<DeploymentRecord> {
  const { store, clock, wake } = modules;
  const deployment = await store.transaction().execute(async (tx) => {
    const known = await findDeployment(tx, wish.name);
    if (known !== undefined) await checkTurn(tx, known, wish);
    else if ((wish.expectedRelease ?? 0) !== 0) throw notExpected(wish, 0);
    const accountId = known?.accountId ?? wish.caller.accountId;
    await checkFile(tx, modules, wish, accountId);
    await modules.secrets.check(tx, accountId, wish.spec);
    await checkQuota(tx, accountId, { name: wish.name, spec: wish.spec, isNew: known === undefined });
    const now = clock.now();
    const number = (known?.latestRelease ?? 0) + 1;
    const changed = await (known === undefined ? create(tx, wish, now) : supersede(tx, known, wish, now));
    await insertRelease(tx, releaseOf(changed.id, number, wish, now));
    await note(tx, wish, { number, accountId, now });
    return changed;
  });
  wake();
  return deployment;
}

const releaseOf = (deploymentId: string, number: number, wish: DeployWish, now: number) => ({
  deploymentId,
  number,
  state: 'pending' as const,
  reason: 'not started yet',
  spec: wish.spec,
  fileSha256: wish.spec.source.kind === 'image' ? null : wish.spec.source.file.sha256,
  rollbackOf: wish.rollbackOf ?? null,
  createdBy: wish.by,
  createdAt: now,
  healthyAt: null,
});

/** May this deploy come now? */
async function checkTurn(tx: Store, known: DeploymentRecord, wish: DeployWish): Promise<void> {
  const { name, caller, expectedRelease } = wish;
  if (!(await mayAccess(tx, caller, known.accountId, 'read'))) {
    throw new RiosError('CONFLICT_EXISTS', `the name ${name} belongs to another account`, {
      hint: 'Choose another name: it is part of the address, so it is unique in the network.',
    });
  }
  if (!(await mayAccess(tx, caller, known.accountId, 'change'))) {
    throw new RiosError('AUTH_FORBIDDEN', 'your role in the organisation allows reading only');
  }
  if (known.wish === 'delete') throw new RiosError('CONFLICT_DELETING', `${name} is being deleted`);
  if (expectedRelease !== undefined && expectedRelease !== known.latestRelease) {
    throw notExpected(wish, known.latestRelease);
  }
}

function notExpected({ name, expectedRelease }: DeployWish, latestRelease: number): RiosError {
  const found = latestRelease === 0 ? 'does not exist' : `is at release ${latestRelease}`;
  return new RiosError('CONFLICT_RELEASE', `${name} ${found}, not at release ${expectedRelease}`, {
    details: { expectedRelease, latestRelease },
  });
}

/** Whoever deploys must have sent the file, or the deployment's owner; and it must be there whole. */
async function checkFile(
  tx: Store,
  { blobs }: DeploymentModules,
  { spec: { source }, caller }: DeployWish,
  accountId: string,
): Promise<void> {
  if (source.kind === 'image') return;
  const { sha256, sizeBytes } = source.file;
  await holdBlob(tx, sha256);
  const blob = await getBlob(tx, sha256);
  const isWhole =
    blob?.state === 'stored' &&
    blob.size_bytes === sizeBytes &&
    (await isHeldBy(tx, sha256, blobs.holders()));
  const isOwn = (await ownsBlob(tx, sha256, accountId)) || (await ownsBlob(tx, sha256, caller.accountId));
  if (isWhole && isOwn) return;
  throw new RiosError('NOT_FOUND_BLOB', 'the file of the release is not stored', {
    hint: 'Upload it first, as rios deploy does.',
    details: { sha256, sizeBytes },
  });
}

async function create(tx: Store, { name, caller }: DeployWish, now: number): Promise<DeploymentRecord> {
  const deployment: DeploymentRecord = {
    id: createId('dep', now),
    name,
    accountId: caller.accountId,
    state: 'pending',
    reason: 'its first release was not started yet',
    wish: 'run',
    activeRelease: null,
    latestRelease: 1,
    scale: {},
    restartCount: 0,
    autoscaleJson: '{}',
    createdAt: now,
    updatedAt: now,
  };
  await insertDeployment(tx, deployment);
  return deployment;
}

async function supersede(
  tx: Store,
  known: DeploymentRecord,
  { spec }: DeployWish,
  now: number,
): Promise<DeploymentRecord> {
  const { id, latestRelease, activeRelease } = known;
  const latest = await getRelease(tx, id, latestRelease);
  if (latest?.state === 'pending' || latest?.state === 'rolling') {
    const reason = `release ${latestRelease + 1} came before it was healthy`;
    await changeRelease(tx, { deploymentId: id, number: latestRelease }, { state: 'superseded', reason });
  }
  // what `scale` said was said of the size in the release before
  const isSameSize = isDeepStrictEqual(
    [latest?.spec.replicas, latest?.spec.autoscale],
    [spec.replicas, spec.autoscale],
  );
  const change = {
    wish: 'run' as const,
    latestRelease: latestRelease + 1,
    state: activeRelease === null ? ('pending' as const) : ('rolling' as const),
    reason: `release ${latestRelease + 1} was not started yet`,
    ...(isSameSize ? {} : { scale: {}, autoscaleJson: '{}' }),
  };
  await changeDeployment(tx, id, change, now);
  const inUse = (await listReplicas(tx, id)).map(({ release }) => release);
  const keep = activeRelease === null ? inUse : [...inUse, activeRelease];
  await pruneReleases(tx, id, { below: latestRelease + 2 - KEPT_RELEASES, keep });
  return { ...known, ...change, updatedAt: now };
}

async function note(
  tx: Store,
  { name, by, rollbackOf }: DeployWish,
  { number, accountId, now }: { readonly number: number; readonly accountId: string; readonly now: number },
): Promise<void> {
  const message =
    rollbackOf === undefined ? `release ${number}` : `release ${number}: release ${rollbackOf} again`;
  await addEvent(tx, { at: now, kind: 'deployment.deployed', subject: name, message, accountId });
  await enqueueEvaluation(tx, { key: DEPLOYMENTS_KEY, reason: `${name} was deployed`, dueAt: AT_ONCE });
  const details = { release: String(number), outcome: 'ok' };
  const action = rollbackOf === undefined ? 'deployment.deploy' : 'deployment.rollback';
  await appendAudit(tx, { at: now, actor: by, action, subject: name, details });
}
