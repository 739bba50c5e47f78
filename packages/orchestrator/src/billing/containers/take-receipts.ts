import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@rios/sdk/clock';
import { verifyContainerReceipt } from '@rios/sdk/crypto/container-receipt';
import { CLOCK_TOLERANCE_MS } from '@rios/sdk/crypto/network';
import { hasCode } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { ContainerReceipt } from '@rios/sdk/schema/container';
import type { Signed } from '@rios/sdk/schema/trust';
import { type ContainerUsage, changeUsage, findUsage, termsOf } from '../../store/container-usage.ts';
import type { Store } from '../../store/store.ts';
import { meterReplicas } from './meter-replicas.ts';

export interface ReceiptModules {
  readonly store: Store;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  readonly networkId: string;
}

/**
 * Keeps what a worker signed for its containers' time. Each receipt is judged by itself: one that breaks a bound is
 * dropped, and told in the log; what is paid is the bill's to say.
 * @param worker peer id of who sends them, proved by its connection
 */
export async function takeReceipts(
  modules: ReceiptModules,
  worker: string,
  receipts: readonly Signed[],
): Promise<void> {
  const { store, clock, log } = modules;
  const now = clock.now();
  const opened = receipts.flatMap((signed) => {
    const receipt = open(signed, worker);
    if (receipt?.networkId === modules.networkId) return [{ receipt, signed }];
    log.warn('a receipt of a container was refused', { worker, why: 'its worker has not signed it' });
    return [];
  });
  if (opened.length === 0) return;
  const refused = await store.transaction().execute(async (tx) => {
    const told: string[] = [];
    for (const { receipt, signed } of opened) {
      const why = await takeOne(tx, { receipt, signed }, now);
      if (why !== undefined) told.push(`${receipt.replicaId}: ${why}`);
    }
    return told;
  });
  for (const why of refused) log.warn('a receipt of a container was refused', { worker, why });
}

/** Why it does not count; undefined when it does. */
async function takeOne(
  tx: Store,
  { receipt, signed }: { readonly receipt: ContainerReceipt; readonly signed: Signed },
  now: number,
): Promise<string | undefined> {
  const { ticketNonce, ranMs } = receipt;
  const known = (await findUsage(tx, ticketNonce)) ?? (await meterNow(tx, ticketNonce, now));
  if (known === undefined) return 'no ticket was issued for it';
  const problem = problemOf(receipt, known, now);
  if (problem !== undefined) return problem;
  // an older one, or the same again
  if (known.endedAt !== null || ranMs <= known.ranMs) return undefined;
  await changeUsage(tx, ticketNonce, { receipt: signed, ranMs }, now);
  return undefined;
}

/** Its replica may be newer than the last look at replicas. */
async function meterNow(tx: Store, ticketNonce: string, now: number): Promise<ContainerUsage | undefined> {
  await meterReplicas(tx, now, ticketNonce);
  return findUsage(tx, ticketNonce);
}

/** Why a receipt cannot be what its ticket allows; undefined when it can. Pure. */
export function problemOf(
  receipt: ContainerReceipt,
  known: Pick<ContainerUsage, 'worker' | 'replicaId' | 'deploymentId' | 'terms' | 'openedAt'>,
  now: number,
): string | undefined {
  if (receipt.worker !== known.worker) return 'its ticket was issued to another worker';
  if (receipt.replicaId !== known.replicaId || receipt.deploymentId !== known.deploymentId) {
    return 'its ticket is for another container';
  }
  if (!isDeepStrictEqual(termsOf(receipt), known.terms)) return 'it names another size or price';
  if (receipt.ranMs > now - known.openedAt + CLOCK_TOLERANCE_MS) {
    return `it counts ${receipt.ranMs} ms of a ticket that is ${now - known.openedAt} ms old`;
  }
  return undefined;
}

function open(signed: Signed, worker: string): ContainerReceipt | undefined {
  try {
    return verifyContainerReceipt(signed, worker);
  } catch (error) {
    if (hasCode(error, 'INTEGRITY_SIGNATURE') || hasCode(error, 'USER_INVALID_REQUEST')) return undefined;
    throw error;
  }
}
