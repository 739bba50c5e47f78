import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import { Method } from '@rios/sdk/wire/methods';
import type { AppRoutes } from '../ingress/app-routes.ts';
import type { Figures } from '../ingress/figures.ts';
import { createDelivery } from '../loop/delivery.ts';
import type { Planner } from '../loop/planner.ts';
import { createQueueRunner } from '../loop/queue-runner.ts';
import type { LiveWorker } from '../p2p/live-worker.ts';
import type { TicketIssuer } from '../p2p/ticket-issuer.ts';
import type { AppSecrets, SealedEnvWish } from '../services/deployments/app-secrets.ts';
import { repeat } from '../services/repeat.ts';
import { DEPLOYMENTS_KEY } from '../store/deployments.ts';
import {
  AT_ONCE,
  type EvaluationRow,
  enqueueEvaluation,
  finishEvaluation,
  nextEvaluationDueAt,
  retryEvaluation,
  takeEvaluation,
} from '../store/evaluations.ts';
import { NOT_HELD } from '../store/leases.ts';
import type { Store } from '../store/store.ts';
import { nextWishes } from './next-wishes.ts';
import { observeDeployments } from './observe-deployments.ts';
import { planDeployments } from './plan.ts';
import { createRoutingTable, type RoutingTable } from './routing-table.ts';
import { createScaler, type Scaler } from './scaler.ts';
import { createKeyCheck } from './sealing-key.ts';
import type { Avoidance, DeploymentsPlan } from './situation.ts';
import { createWaking, type Waking } from './waking.ts';
import { createWishTable, type WishTable } from './wish-table.ts';
import { writeDeployments } from './write-deployments.ts';

const KEYS = [DEPLOYMENTS_KEY];
const RETRY_MS = 1_000;
/** What other orchestrators wrote to a shared store is seen this late at most. */
const POLL_MS = 250;
/** Loads are looked at this often. */
const SCALE_MS = 1_000;

/** Makes what is wished of deployments so, and knows where their requests go. */
export interface DeploymentLoop {
  /** For ingress. */
  readonly routes: AppRoutes;
  start(): Promise<void>;
  /** Waits for what is under way. Idempotent. */
  stop(): Promise<void>;
  /** Something changed: queues an evaluation, if there is anything to evaluate. Never throws. */
  trigger(reason: string): void;
  /** An evaluation was queued by someone else: looks now. */
  wake(): void;
}

export interface DeploymentLoopModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether other orchestrators write the store too. */
  readonly shared: boolean;
  readonly planner: Pick<Planner, 'plans' | 'perform'>;
  readonly tickets: Pick<TicketIssuer, 'fetch'>;
  /** Every worker of the network; those whose control link is here have it. */
  readonly workers: () => readonly LiveWorker[];
  /** Reads what other orchestrators wrote of theirs. */
  readonly refreshWorkers: () => Promise<void>;
  /** Environments, sealed to workers. */
  readonly secrets: Pick<AppSecrets, 'sealEnv'>;
  /** What ingress here sees. */
  readonly figures: Pick<Figures, 'read'>;
  /** Containers left a worker. */
  readonly onLeft: () => void;
}

interface LoopState {
  readonly modules: DeploymentLoopModules;
  readonly table: RoutingTable;
  readonly wishes: WishTable;
  readonly scaler: Scaler;
  readonly waking: Waking;
  readonly canSeal: (sealingKey: string) => boolean;
  readonly deliver: () => void;
  avoid: readonly Avoidance[];
}

export function createDeploymentLoop(modules: DeploymentLoopModules): DeploymentLoop {
  const { store, clock, log, shared, workers, figures } = modules;
  const table = createRoutingTable(store, workers);
  const wishes = createWishTable(store);
  const waking = createWaking({ clock, figures });
  const delivery = createDelivery({
    clock,
    log,
    what: 'containers',
    method: Method.containers,
    table: { refresh: () => wishes.refresh(), newest: wishes.newest },
    workers,
    tells: (state) => state === 'listed' || state === 'draining' || state === 'unreachable',
    onRead: () => {},
    pollMs: shared ? POLL_MS : undefined,
  });
  const scaler = createScaler(waking.figuresOf);
  const canSeal = createKeyCheck();
  const state: LoopState = {
    modules,
    table,
    wishes,
    scaler,
    waking,
    canSeal,
    deliver: delivery.wake,
    avoid: [],
  };
  const queue = createQueueRunner({
    clock,
    log,
    take: () => take(state),
    nextAt: () => nextAt(state),
    run: (row) => runEvaluation(state, row),
  });
  const failed = (what: string) => (error: unknown) => log.error(what, { error: String(error) });
  const enqueue = async (reason: string) => {
    await enqueueEvaluation(store, { key: DEPLOYMENTS_KEY, reason, dueAt: AT_ONCE });
    queue.wake();
  };
  const trigger = (reason: string) => {
    table.touch();
    delivery.wake();
    const isNeeded = table.list().length > 0 || workers().some(({ offer }) => offer.containers !== undefined);
    if (isNeeded) enqueue(reason).catch(failed('an evaluation of deployments could not be queued'));
  };
  const scale = async () => {
    if (!modules.planner.plans || !scaler.step(table.rows(), workers(), clock.now())) return;
    await enqueue('the load changed');
  };
  const stops: (() => Promise<void>)[] = [];
  return {
    routes: {
      find: table.find,
      wake: (name) => {
        const route = table.find(name);
        if (route === undefined || !waking.ask(route.deploymentId)) return;
        scale().catch(failed('an application could not be woken'));
      },
    },
    start: async () => {
      await table.refresh();
      await wishes.refresh();
      queue.start();
      delivery.start();
      stops.push(repeat(clock, SCALE_MS, scale, failed('the load of applications was not looked at')));
      if (shared) stops.push(repeat(clock, POLL_MS, table.refresh, failed('routes could not be read')));
    },
    stop: async () => {
      for (const stop of stops.splice(0)) await stop();
      await queue.stop();
      await delivery.stop();
    },
    trigger,
    wake: queue.wake,
  };
}

/** The next evaluation, if this orchestrator plans. */
async function take({ modules, scaler }: LoopState): Promise<EvaluationRow | undefined> {
  const { planner, store, clock } = modules;
  if (!planner.plans) {
    scaler.reset();
    return undefined;
  }
  const dueAt = await nextEvaluationDueAt(store, KEYS);
  if (dueAt === undefined || dueAt > clock.now()) return undefined;
  const row = await planner.perform((tx) => takeEvaluation(tx, clock.now(), KEYS));
  return row === NOT_HELD ? undefined : row;
}

async function nextAt({ modules }: LoopState): Promise<number | undefined> {
  const { planner, store, clock, shared } = modules;
  const pollAt = shared ? clock.now() + POLL_MS : undefined;
  const dueAt = planner.plans ? await nextEvaluationDueAt(store, KEYS) : undefined;
  if (dueAt === undefined || pollAt === undefined) return dueAt ?? pollAt;
  return Math.min(dueAt, pollAt);
}

async function runEvaluation(state: LoopState, row: EvaluationRow): Promise<void> {
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
async function carryOut(state: LoopState, row: EvaluationRow): Promise<void> {
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
  state: LoopState,
  workers: readonly LiveWorker[],
  now: number,
): Promise<DeploymentsPlan> {
  const { modules, wishes, scaler, waking, canSeal, avoid } = state;
  await wishes.refresh(tx);
  const isIdle = (deploymentId: string) => !modules.shared && waking.figuresOf(deploymentId).inFlight === 0;
  const rest = { workers, canSeal, wishes, wanted: scaler.wanted(), isIdle, avoid, now };
  const situation = await observeDeployments(tx, rest);
  const plan = planDeployments(situation);
  const seal = (wish: SealedEnvWish) => modules.secrets.sealEnv(wish, tx);
  const next = await nextWishes({ ...modules, seal }, { situation, plan, wishes });
  await writeDeployments(tx, plan, next, now);
  return plan;
}
