import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import { Method } from '@rios/sdk/wire/methods';
import type { LiveWorker } from '../p2p/live-worker.ts';
import type { TicketIssuer } from '../p2p/ticket-issuer.ts';
import {
  AT_ONCE,
  type EvaluationRow,
  enqueueEvaluation,
  finishEvaluation,
  nextEvaluationDueAt,
  noteEvaluated,
  requeueRunningEvaluations,
  retryEvaluation,
  takeEvaluation,
} from '../store/evaluations.ts';
import { NOT_HELD } from '../store/leases.ts';
import { currentPriceTable } from '../store/price-tables.ts';
import { listContainerHosts } from '../store/replicas.ts';
import { isShared } from '../store/shared.ts';
import type { Store } from '../store/store.ts';
import { type AssignmentTable, createAssignmentTable } from './assignment-table.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { createDraining, type Draining, planDraining } from './draining.ts';
import { createDuties } from './duties.ts';
import { evaluate } from './evaluate.ts';
import { nextAssignments } from './next-assignment.ts';
import { type ObserveModules, observe } from './observe.ts';
import type { EvaluationPlan, Exclusion } from './observed.ts';
import { createPlanner, type Planner } from './planner.ts';
import { createQueueRunner } from './queue-runner.ts';
import { createReadiness, type Readiness } from './readiness.ts';
import { writePlan } from './write-plan.ts';

/** All models share the workers' memory, so all are planned together, under one key. */
export const EVALUATION_KEY = 'network';
const KEYS = [EVALUATION_KEY];
/** A worker where a model failed gets it again after this long at the earliest. */
const EXCLUSION_MS = 60_000;
const RETRY_MS = 1_000;
/** What other orchestrators wrote to a shared store is seen this late at most. */
const POLL_MS = 250;
/** In a store of one orchestrator everybody is woken; this is for what nobody thought of. */
const LAZY_POLL_MS = 1_000;

/** Makes what is wished so: takes evaluations from the queue one by one and carries their plans out. */
export interface PlacementLoop {
  readonly readiness: Readiness;
  readonly draining: Draining;
  /** What each worker shall hold. */
  readonly table: AssignmentTable;
  /** Of all orchestrators one plans: for work that only that one may do. */
  readonly planner: Pick<Planner, 'plans' | 'perform'>;
  start(): Promise<void>;
  /** Waits for the evaluation under way. Idempotent. */
  stop(): Promise<void>;
  /** Something changed: queues an evaluation, and gives its id. */
  trigger(reason: string): Promise<number>;
  /** An evaluation was queued by someone else: looks now. */
  wake(): void;
}

export interface LoopModules extends Omit<ObserveModules, 'partsGenerationOf' | 'mostAskWei'> {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Peer id of this orchestrator. */
  readonly self: string;
  /** Whether other orchestrators write the store too: then it is looked at again and again. Left out = isShared. */
  readonly shared?: boolean;
  readonly tickets: Pick<TicketIssuer, 'fetch'>;
  /** Every worker of the network; those whose control link is here have it. */
  readonly workers: () => readonly LiveWorker[];
  /** Reads what other orchestrators wrote of theirs: an evaluation plans with what was so when it was asked for. */
  readonly refreshWorkers?: () => Promise<void>;
  /** This orchestrator begins to plan. */
  readonly onGain?: () => void;
}

interface LoopState {
  readonly modules: LoopModules;
  readonly table: AssignmentTable;
  readonly planner: Planner;
  readonly delivery: Delivery;
  readonly readiness: Readiness;
  readonly exclusions: { readonly exclusion: Exclusion; readonly until: number }[];
  /** Evaluations may stand as running though nobody carries them out. */
  stale: boolean;
}

export function createPlacementLoop(modules: LoopModules): PlacementLoop {
  const { store, clock, log, shared = isShared(store) } = modules;
  const table = createAssignmentTable(store);
  const draining = createDraining(table);
  const state: LoopState = {
    modules,
    table,
    planner: createPlanner({ ...modules, shared, onGain: () => takeOver() }),
    delivery: createDelivery({
      clock,
      log,
      what: 'assignment',
      method: Method.assign,
      table: { refresh: table.refresh, newest: (workerId) => table.get(workerId)?.assignment },
      workers: modules.workers,
      tells: (state) => state === 'listed' || state === 'draining',
      onRead: draining.check,
      pollMs: shared ? POLL_MS : undefined,
    }),
    readiness: createReadiness({ store, clock, pollMs: shared ? POLL_MS : LAZY_POLL_MS }),
    exclusions: [],
    stale: true,
  };
  const queue = createQueueRunner({
    clock,
    log,
    take: () => take(state),
    nextAt: () => nextAt(state, shared),
    run: (row) => runEvaluation(state, row),
  });
  const duties = createDuties({ store, clock, log, planner: state.planner });
  const takeOver = () => {
    state.stale = true;
    queue.wake();
    modules.onGain?.();
  };
  return {
    readiness: state.readiness,
    draining,
    table,
    planner: state.planner,
    start: async () => {
      await table.refresh();
      queue.start();
      state.delivery.start();
      await state.planner.start();
      if (shared) duties.start();
    },
    stop: async () => {
      await duties.stop();
      await queue.stop();
      await state.planner.stop();
      await state.delivery.stop();
    },
    trigger: async (reason) => {
      const id = await enqueueEvaluation(store, { key: EVALUATION_KEY, reason, dueAt: AT_ONCE });
      queue.wake();
      state.delivery.wake();
      return id;
    },
    wake: queue.wake,
  };
}

/** The next evaluation, if this orchestrator plans. Who begins to plan takes up what was under way. */
async function take(state: LoopState): Promise<EvaluationRow | undefined> {
  const { planner } = state;
  const { store, clock } = state.modules;
  if (!planner.plans) return undefined;
  if (state.stale) {
    const done = await planner.perform(async (tx) => {
      await requeueRunningEvaluations(tx, clock.now());
      await enqueueEvaluation(tx, { key: EVALUATION_KEY, reason: 'taken over', dueAt: AT_ONCE });
    });
    if (done === NOT_HELD) return undefined;
    state.stale = false;
  }
  const dueAt = await nextEvaluationDueAt(store, KEYS);
  if (dueAt === undefined || dueAt > clock.now()) return undefined;
  const row = await planner.perform((tx) => takeEvaluation(tx, clock.now(), KEYS));
  return row === NOT_HELD ? undefined : row;
}

async function nextAt({ planner, modules }: LoopState, shared: boolean): Promise<number | undefined> {
  if (!planner.plans) return undefined;
  const dueAt = await nextEvaluationDueAt(modules.store, KEYS);
  if (!shared) return dueAt;
  const pollAt = modules.clock.now() + POLL_MS;
  return dueAt === undefined ? pollAt : Math.min(dueAt, pollAt);
}

async function runEvaluation(state: LoopState, row: EvaluationRow): Promise<void> {
  const { clock, log } = state.modules;
  try {
    await carryOut(state, row);
  } catch (error) {
    log.error('an evaluation failed', { reason: row.reason, attempts: row.attempts, error: String(error) });
    const delayMs = Math.min(60_000, RETRY_MS * 2 ** Math.min(row.attempts, 6));
    const retry = (tx: Store) => retryEvaluation(tx, row, clock.now() + delayMs, row.reason);
    await state.planner.perform(retry).catch(() => {
      state.stale = true;
    });
  }
}

/** One evaluation: reads, plans, and writes all of the plan at once, unless another orchestrator plans by now. */
async function carryOut(state: LoopState, row: EvaluationRow): Promise<void> {
  const { modules, table, planner, exclusions } = state;
  const { clock, log } = modules;
  const now = clock.now();
  const live = exclusions.filter(({ until }) => until > now);
  await Promise.all([table.refresh(), modules.refreshWorkers?.()]);
  const workers = modules.workers();
  const { prices } = await currentPriceTable(modules.store, now);
  const mostAskWei = BigInt(prices.units.mostWei);
  const situation = await observe(
    { ...modules, workers: () => workers, mostAskWei, partsGenerationOf: table.partsGenerationOf },
    live.map(({ exclusion }) => exclusion),
  );
  const hosts = await listContainerHosts(modules.store);
  const plan = evaluate(situation);
  const next = [...live, ...newExclusions(plan, live, now)];
  const draining = planDraining(situation.workers, plan.models, table.isDrained, (workerId) =>
    hosts.has(workerId),
  );
  const changes = {
    models: plan.models,
    assignments: nextAssignments({ ...plan, workers, stored: table.get, now }, modules.tickets),
    drained: draining.drained,
    events: [...plan.events, ...draining.events],
  };
  const retryAt = next.length === 0 ? undefined : Math.min(...next.map(({ until }) => until));
  const done = await planner.perform(async (tx) => {
    // gone when another planned in between
    if (!(await finishEvaluation(tx, row.id))) return NOT_HELD;
    await noteEvaluated(tx, row.id);
    if (retryAt !== undefined) await enqueueEvaluation(tx, { key: row.key, reason: 'again', dueAt: retryAt });
    return writePlan(tx, changes, now);
  });
  if (done === NOT_HELD) return log.warn('a plan was not written: another orchestrator plans');
  exclusions.splice(0, exclusions.length, ...next);
  for (const { kind, subject, message } of done) log.info(kind, { subject, message });
  state.readiness.changed();
  state.delivery.wake();
}

const newExclusions = (plan: EvaluationPlan, live: LoopState['exclusions'], now: number) =>
  plan.exclusions
    .filter((one) => !live.some(({ exclusion }) => isSame(exclusion, one)))
    .map((exclusion) => ({ exclusion, until: now + EXCLUSION_MS }));

const isSame = (a: Exclusion, b: Exclusion): boolean =>
  a.modelHash === b.modelHash && a.workerId === b.workerId;
