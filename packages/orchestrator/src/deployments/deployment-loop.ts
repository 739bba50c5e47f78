import { Method } from '@rios/sdk/wire/methods';
import type { AppRoutes } from '../ingress/app-routes.ts';
import { createDelivery } from '../loop/delivery.ts';
import { createQueueRunner } from '../loop/queue-runner.ts';
import { repeat } from '../services/repeat.ts';
import { DEPLOYMENTS_KEY } from '../store/deployments.ts';
import { AT_ONCE, enqueueEvaluation } from '../store/evaluations.ts';
import type { DeploymentLoopModules } from './deployment-loop-modules.ts';
import { type EvaluationState, nextAt, POLL_MS, runEvaluation, take } from './evaluate-deployments.ts';
import { createLoadWatch } from './load-watch.ts';
import { createRoutingTable } from './routing-table.ts';
import { createKeyCheck } from './sealing-key.ts';
import { createWishTable } from './wish-table.ts';

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

export function createDeploymentLoop(modules: DeploymentLoopModules): DeploymentLoop {
  const { store, clock, log, shared, workers } = modules;
  const table = createRoutingTable(store, workers);
  const wishes = createWishTable(store);
  const failed = (what: string) => (error: unknown) => log.error(what, { error: String(error) });
  const enqueue = async (reason: string) => {
    await enqueueEvaluation(store, { key: DEPLOYMENTS_KEY, reason, dueAt: AT_ONCE });
    queue.wake();
  };
  const load = createLoadWatch({ ...modules, table, onChange: () => enqueue('the load changed') });
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
  const canSeal = createKeyCheck();
  const state: EvaluationState = { modules, table, wishes, load, canSeal, deliver: delivery.wake, avoid: [] };
  const queue = createQueueRunner({
    clock,
    log,
    take: () => take(state),
    nextAt: () => nextAt(state),
    run: (row) => runEvaluation(state, row),
  });
  let stopReading = async () => {};
  return {
    routes: {
      find: table.find,
      wake: (name) => {
        const route = table.find(name);
        if (route !== undefined) load.wake(route.deploymentId);
      },
    },
    start: async () => {
      await table.refresh();
      await wishes.refresh();
      queue.start();
      delivery.start();
      load.start();
      if (shared) stopReading = repeat(clock, POLL_MS, table.refresh, failed('routes could not be read'));
    },
    stop: async () => {
      await stopReading();
      await load.stop();
      await queue.stop();
      await delivery.stop();
    },
    trigger: (reason) => {
      table.touch();
      delivery.wake();
      const takers = workers().some(({ offer }) => offer.containers !== undefined);
      if (!takers && table.rows().deployments.length === 0) return;
      enqueue(reason).catch(failed('an evaluation of deployments could not be queued'));
    },
    wake: queue.wake,
  };
}
