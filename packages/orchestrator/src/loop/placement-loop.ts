import type { Clock } from '@rios/sdk/clock';
import { toErrorBody } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import {
  type EvaluationRow,
  enqueueEvaluation,
  finishEvaluation,
  requeueRunningEvaluations,
  retryEvaluation,
} from '../store/evaluations.ts';
import { addEvent } from '../store/events.ts';
import { setModelState } from '../store/models.ts';
import type { Store } from '../store/store.ts';
import type { Assigner } from './assigner.ts';
import { createDraining, type Draining } from './draining.ts';
import { evaluate } from './evaluate.ts';
import { type ObserveModules, observe } from './observe.ts';
import type { EvaluationPlan, Exclusion } from './observed.ts';
import { createQueueRunner } from './queue-runner.ts';
import { createReadiness, failureOf, type Readiness } from './readiness.ts';

/** All models share the workers' memory, so all are planned together, under one key. */
export const EVALUATION_KEY = 'network';
/** A worker where a model failed gets it again after this long at the earliest. */
const EXCLUSION_MS = 60_000;
const RETRY_MS = 1_000;

/** Makes what is wished so: takes evaluations from the queue one by one and carries their plans out. */
export interface PlacementLoop {
  readonly readiness: Readiness;
  readonly draining: Draining;
  start(): Promise<void>;
  /** Waits for the evaluation under way. Idempotent. */
  stop(): Promise<void>;
  /** Something changed: queues an evaluation. */
  trigger(reason: string): Promise<void>;
  /** An evaluation was queued by someone else: looks now. */
  wake(): void;
}

export interface LoopModules extends ObserveModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly assigner: Pick<Assigner, 'assign'>;
}

interface LoopState {
  readonly modules: LoopModules;
  readonly readiness: Readiness;
  readonly draining: Draining;
  readonly exclusions: { readonly exclusion: Exclusion; readonly until: number }[];
}

export function createPlacementLoop(modules: LoopModules): PlacementLoop {
  const { store, clock } = modules;
  const state: LoopState = {
    modules,
    readiness: createReadiness(),
    draining: createDraining(modules),
    exclusions: [],
  };
  const queue = createQueueRunner(modules, (row) => runEvaluation(state, row));
  const trigger = async (reason: string) => {
    await enqueueEvaluation(store, { key: EVALUATION_KEY, reason, dueAt: clock.now() });
    queue.wake();
  };
  return {
    readiness: state.readiness,
    draining: state.draining,
    start: async () => {
      await requeueRunningEvaluations(store, clock.now());
      await trigger('started');
      queue.start();
    },
    stop: queue.stop,
    trigger,
    wake: queue.wake,
  };
}

async function runEvaluation(state: LoopState, row: EvaluationRow): Promise<void> {
  const { store, clock, log } = state.modules;
  try {
    const retryAt = await carryOut(state);
    await finishEvaluation(store, row.id);
    if (retryAt !== undefined)
      await enqueueEvaluation(store, { key: row.key, reason: 'again', dueAt: retryAt });
  } catch (error) {
    log.error('an evaluation failed', { reason: row.reason, attempts: row.attempts, error: String(error) });
    const delayMs = Math.min(60_000, RETRY_MS * 2 ** Math.min(row.attempts, 6));
    await retryEvaluation(store, row, clock.now() + delayMs, row.reason);
  }
}

/** One evaluation. Returns when to evaluate again, if something is left to do then. */
async function carryOut(state: LoopState): Promise<number | undefined> {
  const { modules, exclusions } = state;
  const now = modules.clock.now();
  const settle = state.readiness.begin();
  const release = state.draining.begin();
  const live = exclusions.filter(({ until }) => until > now);
  const situation = await observe(
    modules,
    live.map(({ exclusion }) => exclusion),
  );
  const plan = evaluate(situation);
  const found = plan.exclusions
    .filter((one) => !live.some(({ exclusion }) => isSame(exclusion, one)))
    .map((exclusion) => ({ exclusion, until: now + EXCLUSION_MS }));
  exclusions.splice(0, exclusions.length, ...live, ...found);
  await writePlan(modules, plan);
  const taken = await modules.assigner.assign(plan.assignments);
  settle(plan.models);
  await release(plan.models);
  const times = [...exclusions.map(({ until }) => until), ...(taken ? [] : [now + RETRY_MS])];
  return times.length === 0 ? undefined : Math.min(...times);
}

const isSame = (a: Exclusion, b: Exclusion): boolean =>
  a.modelHash === b.modelHash && a.workerId === b.workerId;

/** What was found for a wish that a newer one has replaced is left out: its own evaluation is queued. */
async function writePlan({ store, clock, log }: LoopModules, plan: EvaluationPlan): Promise<void> {
  const events = await store.transaction().execute(async (tx) => {
    const outdated = new Set<string>();
    for (const outcome of plan.models) {
      if (!outcome.changed) continue;
      const { name, state, reason, placement, wish } = outcome;
      const error = state === 'failed' ? { error: toErrorBody(failureOf(outcome)) } : {};
      const set = await setModelState(tx, name, { state, reason, placement, wish, ...error });
      if (!set) outdated.add(name);
    }
    const current = plan.events.filter(({ subject }) => !outdated.has(subject));
    for (const event of current) await addEvent(tx, { at: clock.now(), ...event });
    return current;
  });
  for (const { kind, subject, message } of events) log.info(kind, { subject, message });
}
