import { RiosError } from '@rios/sdk/errors/error';
import type { AppSpec } from '@rios/sdk/schema/app';
import { boundsOf } from '../../deployments/bounds.ts';
import { type DeploymentRecord, listDeployments } from '../../store/deployments.ts';
import { getRelease } from '../../store/releases.ts';
import type { Store } from '../../store/store.ts';

/** An account has so many deployments at most. */
export const MAX_DEPLOYMENTS = 100;
/** All deployments of an account may have so many replicas at most, together. */
export const MAX_ACCOUNT_REPLICAS = 1_000;

/** What is to be. */
export interface QuotaWish {
  readonly name: string;
  readonly spec: Pick<AppSpec, 'replicas'>;
  readonly scale?: DeploymentRecord['scale'];
  readonly isNew: boolean;
}

/** In the transaction of the change. @throws RiosError QUOTA_DEPLOYMENTS */
export async function checkQuota(tx: Store, accountId: string, wish: QuotaWish): Promise<void> {
  const all = await listDeployments(tx, [accountId]);
  if (wish.isNew && all.length >= MAX_DEPLOYMENTS) {
    throw exceeded(`an account has ${MAX_DEPLOYMENTS} deployments at most`, { most: MAX_DEPLOYMENTS });
  }
  let replicas = boundsOf(wish.spec, wish.scale ?? {}).max;
  for (const { id, name, latestRelease, scale, wish: wished } of all) {
    if (name === wish.name || wished !== 'run') continue;
    const release = await getRelease(tx, id, latestRelease);
    if (release !== undefined) replicas += boundsOf(release.spec, scale).max;
  }
  if (replicas <= MAX_ACCOUNT_REPLICAS) return;
  throw exceeded(
    `with it the account could have ${replicas} replicas; ${MAX_ACCOUNT_REPLICAS} are the most`,
    {
      replicas,
      most: MAX_ACCOUNT_REPLICAS,
    },
  );
}

const exceeded = (message: string, details: Record<string, unknown>) =>
  new RiosError('QUOTA_DEPLOYMENTS', message, { details });
