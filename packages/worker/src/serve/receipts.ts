import { signReceipt } from '@rios/sdk/crypto/receipt';
import type { WorkShare } from '@rios/sdk/schema/inference';
import type { Signed, Ticket } from '@rios/sdk/schema/trust';
import type { Work } from '../runtime/engine.ts';
import type { ServeContext } from './context.ts';

/** The request under which work was done here. */
export interface WorkScope {
  readonly ticket: Ticket;
  readonly startedAt: number;
  /** Layers [from, to) whose trunk ran here; undefined when only experts did. */
  readonly layers?: readonly [number, number];
}

/** This worker’s signed count of what it computed under one ticket; on disk here before it leaves. None unmetered. */
export async function receiptsFor(context: ServeContext, scope: WorkScope, work: Work): Promise<Signed[]> {
  const { meteringTimes = 1 } = context;
  let signed: Signed[] = [];
  for (let time = 0; time < meteringTimes; time++) {
    signed = [sign(context, scope, work)];
    for (const one of signed) await context.receiptLog.keep(one);
  }
  return signed;
}

function sign(context: ServeContext, scope: WorkScope, work: Work): Signed {
  const { ticket, startedAt } = scope;
  return signReceipt(context.identity, {
    networkId: context.networkId,
    requestId: ticket.requestId,
    worker: context.identity.peerId,
    ticketNonce: ticket.nonce,
    modelHash: ticket.modelHash,
    parts: [...work.parts],
    units: work.units,
    calls: work.calls,
    chunks: work.chunks.map(({ rows, times }) => ({ rows, times })),
    runningHash: work.runningHash,
    inputCommitment: work.inputCommitment,
    outputCommitment: work.outputCommitment,
    numericClass: context.engine.numericClass,
    price: context.price,
    startedAt,
    finishedAt: context.clock.now(),
    busyMs: work.busyMs,
  });
}

/** The same work as a row of the expert table; who asked adds the hop times. */
export function shareOf(workerId: string, scope: WorkScope, work: Work): WorkShare {
  return {
    workerId,
    stages: scope.layers === undefined ? [] : [[scope.layers[0], scope.layers[1]]],
    experts: work.experts.map(({ layer, expert, rows }) => ({ layer, expert, rows })),
    calls: work.calls,
    expertCalls: work.expertCalls,
    hopMsP50: 0,
    hopMsP95: 0,
    busyMs: work.busyMs,
  };
}
