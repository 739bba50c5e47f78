import { priceUsage } from '@rios/sdk/billing/price-usage';
import { priceLimitOf } from '@rios/sdk/billing/quote';
import type { Receipt } from '@rios/sdk/schema/trust';
import type { BilledRequest, BilledTicket } from './billed-request.ts';
import type { Charge } from './ledger-types.ts';
import { type LineProblem, problemOfLine } from './line-problem.ts';

/** A line of the bill that costs nothing, and why. */
export interface RefusedLine extends LineProblem {
  /** Peer id, as the receipt says it: it may be nobody of this network. */
  readonly worker: string;
  readonly receiptNonce: string;
  /** What it claims; 0 where there is no receipt. */
  readonly units: number;
}

export interface RequestBill {
  readonly charges: readonly Charge[];
  /** The receipts that they are for, in the same order. */
  readonly paid: readonly Receipt[];
  readonly refused: readonly RefusedLine[];
  /** The sum of the charges: what the user pays, wei of ROS. */
  readonly totalWei: bigint;
}

/**
 * Makes the bill of a request from its receipts, whose signatures openReceipt has verified. Pure: the same facts give
 * the same bill. One receipt for each ticket counts, the first; a receipt that breaks a bound costs nothing and its
 * line says why; a ticket without a receipt is a line of 0 units. No charge is above its ticket's maximum times the
 * worker's ask, so the sum is never above reserveAmount of the same tickets, nor above the quote.
 */
export function chargeRequest(receipts: readonly Receipt[], request: BilledRequest): RequestBill {
  const open = new Map(request.tickets.map((ticket) => [ticket.nonce, ticket]));
  const charges: Charge[] = [];
  const paid: Receipt[] = [];
  const refused: RefusedLine[] = [];
  let totalWei = 0n;
  for (const receipt of receipts) {
    const ticket = open.get(receipt.ticketNonce);
    const line = lineOf(receipt, ticket, request, totalWei);
    if ('reason' in line) {
      refused.push(line);
      continue;
    }
    open.delete(receipt.ticketNonce);
    charges.push(line);
    paid.push(receipt);
    totalWei += line.amountWei;
  }
  return { charges, paid, refused: [...refused, ...unanswered(open, refused)], totalWei };
}

function lineOf(
  receipt: Receipt,
  ticket: BilledTicket | undefined,
  request: BilledRequest,
  soFarWei: bigint,
): Charge | RefusedLine {
  const { worker, ticketNonce: receiptNonce, units } = receipt;
  const refuse = (problem: LineProblem): RefusedLine => ({ worker, receiptNonce, units, ...problem });
  const problem = problemOfLine(receipt, ticket, request);
  if (problem !== undefined) return refuse(problem);
  const priceWei = BigInt(receipt.price);
  const amountWei = priceUsage({ resource: 'units', quantity: units, priceWei });
  const { quote } = request;
  if (quote !== undefined && priceWei > priceLimitOf(quote, worker)) {
    const message = `its price is above the ${priceLimitOf(quote, worker)} wei of the quote`;
    return refuse({ reason: 'above_quote', message });
  }
  if (quote !== undefined && soFarWei + amountWei > BigInt(quote.mostWei)) {
    return refuse({ reason: 'above_quote', message: `with it the request costs more than was quoted` });
  }
  return { worker, units, priceWei, amountWei, receiptNonce };
}

/** Tickets that nobody answered for, less those whose worker's receipt was refused and is told already. */
function unanswered(
  open: ReadonlyMap<string, BilledTicket>,
  refused: readonly RefusedLine[],
): readonly RefusedLine[] {
  const told = new Set(refused.map(({ receiptNonce, worker }) => `${receiptNonce} ${worker}`));
  return [...open.values()]
    .filter(({ nonce, worker }) => !told.has(`${nonce} ${worker}`))
    .map(({ nonce, worker }) => ({
      worker,
      receiptNonce: nonce,
      units: 0,
      reason: 'no_receipt' as const,
      message: 'it sent no receipt',
    }));
}
