import { parsePrice } from '@rios/sdk/billing/price-table';
import { isQuantity } from '@rios/sdk/billing/price-usage';
import { CLOCK_TOLERANCE_MS } from '@rios/sdk/crypto/network';
import type { Receipt } from '@rios/sdk/schema/trust';
import type { BilledRequest, BilledTicket, RequestTimes } from './billed-request.ts';

/** Why a line of a bill costs nothing. Names are part of the bill: they don't change their meaning. */
export type LineReason =
  | 'unknown_worker'
  | 'not_asked'
  | 'doubled'
  | 'bad_units'
  | 'too_many_units'
  | 'bad_price'
  | 'above_ask'
  | 'above_quote'
  | 'bad_times'
  | 'before_request'
  | 'from_future'
  | 'too_long'
  | 'request_failed'
  | 'wrong_work'
  | 'no_receipt';

export interface LineProblem {
  readonly reason: LineReason;
  /** One clause for people. */
  readonly message: string;
}

/** Why this receipt is not paid, by its ticket when it is still open; undefined when it is to be paid. Pure. */
export function problemOfLine(
  receipt: Receipt,
  open: BilledTicket | undefined,
  request: BilledRequest,
): LineProblem | undefined {
  return (
    problemOfAsking(receipt, open, request) ??
    problemOfTerms(receipt, open) ??
    problemOfTimes(receipt, request.times) ??
    problemOfOutcome(receipt, request)
  );
}

/** Was this worker asked for this work, and is it the first receipt for it? */
function problemOfAsking(
  receipt: Receipt,
  open: BilledTicket | undefined,
  { tickets, networkId, requestId, modelHash }: BilledRequest,
): LineProblem | undefined {
  const { worker, ticketNonce } = receipt;
  if (tickets.every((ticket) => ticket.worker !== worker)) {
    return problem('unknown_worker', 'the request had no such worker');
  }
  if (receipt.networkId !== networkId) return problem('not_asked', 'it is for another network');
  if (receipt.requestId !== requestId) return problem('not_asked', 'it is for another request');
  if (receipt.modelHash !== modelHash) return problem('not_asked', 'it is for another model');
  const issued = open ?? tickets.find(({ nonce }) => nonce === ticketNonce);
  if (issued === undefined) return problem('not_asked', 'no ticket was issued for it');
  if (issued.worker !== worker) return problem('not_asked', 'its ticket was issued to another worker');
  if (open === undefined) return problem('doubled', 'its ticket was answered for already');
  const allowed = new Set(issued.parts);
  if (receipt.parts.every((part) => allowed.has(part))) return undefined;
  return problem('not_asked', 'it names parts beyond its ticket');
}

/** Are units and price within what was agreed? */
function problemOfTerms({ units, price }: Receipt, open: BilledTicket | undefined): LineProblem | undefined {
  if (!isQuantity(units)) return problem('bad_units', `${units} units are no count`);
  if (open !== undefined && units > open.maxUnits) {
    return problem('too_many_units', `it counts ${units} units; its ticket allows ${open.maxUnits}`);
  }
  const priceWei = parsePrice(price);
  if (priceWei === undefined) return problem('bad_price', 'its price is out of bounds');
  if (open === undefined || priceWei <= open.askWei) return undefined;
  return problem('above_ask', `its price is ${price} wei; the worker's ask was ${open.askWei}`);
}

/**
 * Was the work done while the request ran? When the wall clock was set in between, its two readings disagree about
 * begin and end; the wider time counts then, so that no honest worker loses its pay by our clock. Clocks of workers
 * may differ by CLOCK_TOLERANCE_MS. No work outlasts its request.
 */
function problemOfTimes({ startedAt, finishedAt }: Receipt, times: RequestTimes): LineProblem | undefined {
  const beganAt = Math.min(times.startedAt, times.receivedAt - times.elapsedMs);
  const endedAt = Math.max(times.receivedAt, times.startedAt + times.elapsedMs);
  if (!isQuantity(startedAt) || !isQuantity(finishedAt)) return problem('bad_times', 'its times are none');
  if (finishedAt < startedAt) return problem('bad_times', 'it ended before it began');
  if (startedAt < beganAt - CLOCK_TOLERANCE_MS)
    return problem('before_request', 'it began before the request');
  if (finishedAt > endedAt + CLOCK_TOLERANCE_MS) return problem('from_future', 'it ended in the future');
  const lastedMs = finishedAt - startedAt;
  if (lastedMs > times.elapsedMs + CLOCK_TOLERANCE_MS) {
    return problem('too_long', `it took ${lastedMs} ms of a request of ${times.elapsedMs} ms`);
  }
  return undefined;
}

/** Was the work of use? */
function problemOfOutcome(
  { ticketNonce }: Receipt,
  { outcome, wrong }: BilledRequest,
): LineProblem | undefined {
  if (wrong?.has(ticketNonce) === true) return problem('wrong_work', 'its result was found to be wrong');
  return outcome === 'failed' ? problem('request_failed', 'the request failed') : undefined;
}

const problem = (reason: LineReason, message: string): LineProblem => ({ reason, message });
