import type { LiveWorker } from '../p2p/live-worker.ts';
import type { SealedEnvWish } from '../services/deployments/app-secrets.ts';
import { DEPLOYMENTS_KEY } from '../store/deployments.ts';
import {
  type EvaluationRow,
  enqueueEvaluation,
  finishEvaluation,
  nextEvaluationDueAt,
  retryEvaluation,
  takeEvaluation,
} from '../store/evaluations.ts';
import { NOT_HELD } from '../store/leases.ts';
import type { Store } from '../store/store.ts';
import type { DeploymentLoopModules } from './deployment-loop-modules.ts';
import type { LoadWatch } from './load-watch.ts';
import { nextWishes } from './next-wishes.ts';
import { observeDeployments } from './observe-deployments.ts';
import { planDeployments } from './plan.ts';
import type { RoutingTable } from './routing-table.ts';
import type { Avoidance, DeploymentsPlan } from './situation.ts';
import type { WishTable } from './wish-table.ts';
import { writeDeployments } from './write-deployments.ts';

const KEYS = [DEPLOYMENTS_KEY];
const RETRY_MS = 1_000;
/** What other orchestrators wrote to a shared store is seen this late at most. */
export const POLL_MS = 250;

/** What evaluations of deployments stand on, and what one leaves for the next. */
export interface EvaluationState {
  readonly modules: DeploymentLoopModules;
  readonly table: RoutingTable;
  readonly wishes: WishTable;
  readonly load: LoadWatch;
  readonly canSeal: (sealingKey: string) => boolean;
  readonly deliver: () => void;
  avoid: readonly Avoidance[];
}

/** The next evaluation, if this orchestrator plans. */
export async function take({ modules, load }: EvaluationState): Promise<EvaluationRow | undefined> {
  const { planner, store, clock } = modules;
  if (!planner.plans) {
    load.forget();
    return undefined;
  }
  const dueAt = await nextEvaluationDueAt(store, KEYS);
  if (dueAt === undefined || dueAt > clock.now()) return undefined;
  const row = await planner.perform((tx) => takeEvaluation(tx, clock.now(), KEYS));
  return row === NOT_HELD ? undefined : row;
}

/** When to look for the next one. */
export async function nextAt({ modules }: EvaluationState): Promise<number | undefined> {
  const { planner, store, clock, shared } = modules;
  const pollAt = shared ? clock.now() + POLL_MS : undefined;
  const dueAt = planner.plans ? await nextEvaluationDueAt(store, KEYS) : undefined;
  if (dueAt === undefined || pollAt === undefined) return dueAt ?? pollAt;
  return Math.min(dueAt, pollAt);
}

/** Carries one out; a failure is told, and tried again later. */
export async function runEvaluation(state: EvaluationState, row: EvaluationRow): Promise<void> {
  const { clock, log, planner } = state.modules;
  try {
    await carryOut(state, row);
  } catch (error) {
    const { reason, attempts } = row;
    log.error('an evaluation of deployments failed', { reason, attempts, error: String(error) });
    const delayMs = Math.min(60_000, RETRY_MS * 2 ** Math.min(attempts, 6));
    const retry = (tx: Store) => retryEvaluation(tx, row, clock.now() + delayMs, reason);
    await planner.perform(retry).catch((cause: unknown) => {
      log.error('an evaluation of deployments was not queued again', { error: String(cause) });
    });
  }
}

/**
 * One evaluation: reads, plans and writes in one transaction, so that nothing that an owner wishes meanwhile is lost,
 * unless another orchestrator plans by now.
 */
async function carryOut(state: EvaluationState, row: EvaluationRow): Promise<void> {
  const { modules, table } = state;
  const { clock, log, planner } = modules;
  const now = clock.now();
  await modules.refreshWorkers();
  const workers = modules.workers();
  const plan = await planner.perform(async (tx) => {
    if (!(await finishEvaluation(tx, row.id))) return NOT_HELD;
    const plan = await planIn(tx, state, workers, now);
    if (plan.nextAt !== undefined) {
      await enqueueEvaluation(tx, { key: row.key, reason: 'something is due', dueAt: plan.nextAt });
    }
    return plan;
  });
  if (plan === NOT_HELD) return log.warn('a plan of deployments was not written: another orchestrator plans');
  state.avoid = plan.avoid;
  if (plan.gone.length > 0) modules.onLeft();
  for (const { kind, subject, message } of plan.events) log.info(kind, { subject, message });
  await table.refresh();
  state.deliver();
}

async function planIn(
  tx: Store,
  state: EvaluationState,
  workers: readonly LiveWorker[],
  now: number,
): Promise<DeploymentsPlan> {
  const { modules, wishes, load, canSeal, avoid } = state;
  await wishes.refresh(tx);
  const rest = { workers, canSeal, wishes, wanted: load.wanted(), isIdle: load.isIdle, avoid, now };
  const situation = await observeDeployments(tx, rest);
  const plan = planDeployments(situation);
  const seal = (wish: SealedEnvWish) => modules.secrets.sealEnv(wish, tx);
  const next = await nextWishes({ ...modules, seal }, { situation, plan, wishes });
  await writeDeployments(tx, plan, next, now);
  return plan;
}
