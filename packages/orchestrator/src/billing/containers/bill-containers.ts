import type { Clock } from '@rios/sdk/clock';
import { hasCode, type RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import {
  type ContainerUsage,
  changeUsage,
  listOpenUsage,
  listReplicaTickets,
  listUnmetered,
} from '../../store/container-usage.ts';
import type { Store } from '../../store/store.ts';
import { BILL_EVERY_MS } from './container-charges.ts';
import { meterReplicas } from './meter-replicas.ts';
import { openHold } from './open-hold.ts';
import { pauseDeployment, resumeDeployments } from './pause-deployments.ts';
import { settleHold } from './settle-hold.ts';

/** A receipt that comes this long after its container was gone is still paid. */
export const LATE_MS = 15_000;
/** How often it is looked whether paused deployments can be paid again. */
const PAUSED_LOOK_MS = 10_000;

export interface ContainerBillingModules {
  readonly store: Store;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** An evaluation of deployments was queued. */
  readonly wake: () => void;
}

/** Pays containers' time ahead and bills it, a step at a time. Steps of several orchestrators do no harm. */
export interface ContainerBilling {
  step(): Promise<void>;
}

export function createContainerBilling(modules: ContainerBillingModules): ContainerBilling {
  const { store, clock, log, wake } = modules;
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    step: async () => {
      const now = clock.now();
      if ((await listUnmetered(store)).length > 0) {
        await store.transaction().execute((tx) => meterReplicas(tx, now));
      }
      const open = await listOpenUsage(store);
      const there = open.length === 0 ? new Set<string>() : await listReplicaTickets(store);
      for (const usage of open) {
        await stepOne(modules, usage, there.has(usage.ticketNonce), now).catch((error: unknown) =>
          log.error('a container could not be billed', { replica: usage.replicaId, error: String(error) }),
        );
      }
      if (now - lookedAt < PAUSED_LOOK_MS) return;
      lookedAt = now;
      if (await resumeDeployments(store, now)) wake();
    },
  };
}

async function stepOne(
  modules: ContainerBillingModules,
  usage: ContainerUsage,
  isThere: boolean,
  now: number,
): Promise<void> {
  const { store } = modules;
  const { ticketNonce, openHold: holdId, holdAt, goneAt } = usage;
  if (!isThere && goneAt === null) {
    return store.transaction().execute((tx) => changeUsage(tx, ticketNonce, { goneAt: now }, now));
  }
  const isOver = goneAt !== null && now - goneAt >= LATE_MS;
  const isDue = isThere && now - (holdAt ?? now) >= BILL_EVERY_MS;
  if (holdId !== null && (isOver || isDue)) {
    await store.transaction().execute((tx) => settleHold(tx, ticketNonce, holdId, now));
  }
  if (isOver) return store.transaction().execute((tx) => changeUsage(tx, ticketNonce, { endedAt: now }, now));
  if (isThere && (holdId === null || isDue)) await hold(modules, ticketNonce, now);
}

/** The next minutes' money, or the pause of what has none. */
async function hold(
  { store, log, wake }: ContainerBillingModules,
  ticketNonce: string,
  now: number,
): Promise<void> {
  try {
    await store.transaction().execute(async (tx) => {
      const usage = (await listOpenUsage(tx)).find((one) => one.ticketNonce === ticketNonce);
      if (usage === undefined || usage.openHold !== null) return;
      await openHold(tx, usage, now);
    });
  } catch (error) {
    if (!isBroke(error)) throw error;
    const isNew = await store.transaction().execute((tx) => pauseDeployment(tx, ticketNonce, error, now));
    if (!isNew) return;
    log.info('a deployment was paused: its account cannot pay', { code: error.code });
    wake();
  }
}

const BROKE = ['QUOTA_BALANCE', 'QUOTA_BUDGET', 'BILLING_PAUSED', 'BILLING_VOUCHER_DUE'] as const;
const isBroke = (error: unknown): error is RiosError => BROKE.some((code) => hasCode(error, code));
