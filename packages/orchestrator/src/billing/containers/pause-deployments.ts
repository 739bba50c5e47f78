import { hasCode, type RiosError } from '@rios/sdk/errors/error';
import { wantedReplicas } from '../../deployments/wanted-replicas.ts';
import { findUsage, newestUsageOf } from '../../store/container-usage.ts';
import {
  changeDeployment,
  DEPLOYMENTS_KEY,
  type DeploymentRecord,
  getDeployment,
  listDeployments,
} from '../../store/deployments.ts';
import { AT_ONCE, enqueueEvaluation } from '../../store/evaluations.ts';
import { addEvent } from '../../store/events.ts';
import { readBalance } from '../../store/ledger.ts';
import { getRelease } from '../../store/releases.ts';
import { readStanding } from '../../store/standings.ts';
import type { Store } from '../../store/store.ts';
import { accountScope, deploymentScope, readOne } from '../account-budgets.ts';
import { mayGoOn } from '../balance-standing.ts';
import { reserveBudget } from '../budgets.ts';
import { holdAmount } from './container-charges.ts';

/** In a transaction: a deployment whose container cannot be paid is paused; false when it does not run anyway. */
export async function pauseDeployment(
  tx: Store,
  ticketNonce: string,
  why: RiosError,
  now: number,
): Promise<boolean> {
  const usage = await findUsage(tx, ticketNonce);
  const deployment = usage && (await getDeployment(tx, usage.deploymentId));
  if (deployment?.wish !== 'run') return false;
  const reason = `paused: ${why.message}`;
  await tell(tx, deployment, { wish: 'pause', kind: 'deployment.paused', reason }, now);
  return true;
}

/** Paused deployments whose accounts can pay again go on; false when there are none. */
export async function resumeDeployments(store: Store, now: number): Promise<boolean> {
  const paused = (await listDeployments(store)).filter(({ wish }) => wish === 'pause');
  let isAny = false;
  for (const { id } of paused) {
    const resumed = await store.transaction().execute(async (tx) => {
      const deployment = await getDeployment(tx, id);
      if (deployment?.wish !== 'pause' || !(await canPay(tx, deployment, now))) return false;
      const reason = 'its account can pay again';
      await tell(tx, deployment, { wish: 'run', kind: 'deployment.resumed', reason }, now);
      return true;
    });
    isAny ||= resumed;
  }
  return isAny;
}

async function tell(
  tx: Store,
  { id, name, accountId }: DeploymentRecord,
  { wish, kind, reason }: { readonly wish: 'run' | 'pause'; readonly kind: string; readonly reason: string },
  now: number,
): Promise<void> {
  await changeDeployment(tx, id, { wish, reason }, now);
  await enqueueEvaluation(tx, { key: DEPLOYMENTS_KEY, reason: `${name}: ${reason}`, dueAt: AT_ONCE });
  await addEvent(tx, { at: now, kind, subject: name, message: reason, accountId });
}

/** Could the next minutes of all that ran of it be held? By what its newest container cost. */
async function canPay(tx: Store, deployment: DeploymentRecord, now: number): Promise<boolean> {
  const { id, accountId, activeRelease, latestRelease } = deployment;
  const last = await newestUsageOf(tx, id);
  const release = await getRelease(tx, id, activeRelease ?? latestRelease);
  const count =
    release === undefined ? 1 : Math.max(1, wantedReplicas({ ...deployment, wish: 'run' }, release.spec));
  const amountWei = last === undefined ? 1n : holdAmount(last.terms) * BigInt(count);
  const standing = await readStanding(tx, accountId);
  const balanceWei = await readBalance(tx, `user:${accountId}`);
  // money that came since lifts a pause when it is reserved
  if (standing !== undefined && !mayGoOn(standing) && balanceWei === 0n) return false;
  if (balanceWei < amountWei) return false;
  for (const scope of [accountScope(accountId), deploymentScope(id)]) {
    const { state, limits } = await readOne(tx, scope, accountId, now);
    try {
      reserveBudget(state, limits, amountWei, now);
    } catch (error) {
      if (hasCode(error, 'QUOTA_BUDGET')) return false;
      throw error;
    }
  }
  return true;
}
