import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { GeneratedPart } from '@rios/sdk/schema/inference';
import type { Shape } from '@rios/sdk/schema/route';
import type { Signed } from '@rios/sdk/schema/trust';
import type { BilledTicket } from '../billing/billed-request.ts';
import { giveTrial, hasTrial } from '../billing/credit.ts';
import { endDead } from '../billing/end-dead.ts';
import {
  failRequests,
  type RequestEnd,
  type RequestPlan,
  STOPPED,
  setRequestPlan,
  succeedRequest,
} from '../store/requests.ts';
import type { Store } from '../store/store.ts';
import type { InferenceRequest } from './inference-port.ts';
import { createReceiptCollector } from './receipt-collector.ts';
import { type AttemptEnd, type Begun, type BooksModules, settleAttempt } from './settle-attempt.ts';

/** One attempt to answer, once its tickets are issued. */
export interface Attempt {
  readonly tickets: readonly BilledTicket[];
  readonly modelHash: string;
  readonly shape: Shape;
  readonly plan: RequestPlan;
}

/** The books of one request while it runs: what is reserved for it, what workers sign for, how it ends. */
export interface RequestBooks {
  /**
   * Reserves what the attempt can cost, and gives back what was reserved for the one before; nothing is to be sent
   * earlier.
   * @throws RiosError as RequestBilling.begin does
   */
  begin(attempt: Attempt): Promise<void>;
  /** Takes out of a part what is for the books; undefined when nothing is left for the client. */
  take(part: GeneratedPart): GeneratedPart | undefined;
  /** It was answered: pays the workers. */
  succeed(end: RequestEnd, receipts: readonly Signed[]): Promise<void>;
  /** It failed: pays what was delivered until then, and gives the rest back. */
  fail(error: unknown): Promise<void>;
}

export function createRequestBooks(modules: BooksModules, request: InferenceRequest): RequestBooks {
  const { point } = modules;
  let attempts = 0;
  let begun: Begun | undefined;
  let isDelivered = false;
  let final: readonly Signed[] = [];
  const settle = async (end: Omit<AttemptEnd, 'final'>) =>
    begun !== undefined && (await settleAttempt(modules, begun, { ...end, final }));
  return {
    begin: async (attempt) => {
      await ensureTrial(modules, request.account);
      await point('billing.reserving');
      begun = await reserve(modules, request, attempt, attempts + 1);
      attempts++;
      await point('billing.reserved');
    },
    take: (part) => {
      const rest = begun?.collector.take(part, performance.now());
      isDelivered ||= rest !== undefined;
      return rest;
    },
    succeed: async (end, receipts) => {
      final = receipts;
      await point('billing.streamed');
      const finish = (tx: Store) => succeedRequest(tx, request.requestId, end);
      if (await settle({ outcome: 'served', reason: null, finish })) return;
      modules.log.warn('another ended a request that was answered', { requestId: request.requestId });
    },
    fail: async (error) => {
      const { code, message } = toRiosError(error);
      const end = { code, message, finishedAt: modules.clock.now() };
      const which = { id: request.requestId };
      const isWrong = code === 'PEER_BAD_RESULT';
      const outcome = isDelivered && !isWrong ? 'partial' : 'failed';
      const finish = (tx: Store) => failRequests(tx, which, end);
      if (await settle({ outcome, reason: code, isWrong, finish })) return;
      // nothing is reserved that is known here; but the answer to a transaction may have been lost
      await modules.store.transaction().execute((tx) => endDead(tx, which, end));
      await point('billing.released');
    },
  };
}

async function reserve(
  { store, billing }: BooksModules,
  { account, requestId, model, quote }: InferenceRequest,
  { tickets, modelHash, shape, plan }: Attempt,
  attempt: number,
): Promise<Begun> {
  const start = { accountId: account, requestId, attempt, model, modelHash, tickets, quote };
  const collector = createReceiptCollector(tickets, performance.now());
  return store.transaction().execute(async (tx) => {
    const bill = await billing.begin(tx, start);
    const isRunning = await setRequestPlan(tx, requestId, { modelHash, shape, plan });
    if (!isRunning) throw new RiosError(STOPPED.code, 'another orchestrator ended the request');
    return { bill, collector };
  });
}

/** At the first use of an account that is older than billing. */
async function ensureTrial({ store, clock, point }: BooksModules, accountId: string): Promise<void> {
  if (await hasTrial(store, accountId)) return;
  const isNew = await store.transaction().execute((tx) => giveTrial(tx, accountId, clock.now()));
  if (isNew) await point('trial.given');
}
