import { fromBase64url } from '@rios/sdk/crypto/hash';
import { verifyReceipt } from '@rios/sdk/crypto/receipt';
import { type Receipt, type Signed, type TicketBundle, ticketSchema } from '@rios/sdk/schema/trust';
import type { TicketEdge } from '../dmoe/tickets.ts';

/** One ticket of a request: what its receipt may say at most. */
export interface IssuedTicket {
  readonly edge: TicketEdge;
  readonly ticket: TicketBundle;
}

/** What a receipt must speak of. */
export interface ReceiptContext {
  readonly networkId: string;
  readonly requestId: string;
  readonly modelHash: string;
  readonly issued: readonly IssuedTicket[];
}

export interface AcceptedReceipt {
  readonly receipt: Receipt;
  readonly signed: Signed;
}

export interface CheckedReceipts {
  readonly accepted: readonly AcceptedReceipt[];
  /** Why each refused one was refused. */
  readonly refused: readonly string[];
  /** Workers whose ticket has no receipt. */
  readonly missing: readonly string[];
}

/**
 * Checks receipts as they come from the first stage: signed by a worker of this request, for a ticket that was
 * issued to it and not yet answered for, with parts and units within the ticket. Pure.
 */
export function checkReceipts(given: readonly Signed[], context: ReceiptContext): CheckedReceipts {
  const open = new Map(context.issued.map(({ edge, ticket }) => [nonceOf(ticket), edge]));
  const accepted: AcceptedReceipt[] = [];
  const refused: string[] = [];
  for (const signed of given) {
    const receipt = openReceipt(signed, context);
    const problem =
      receipt === undefined ? 'no worker of the request signed it' : problemOf(receipt, context, open);
    if (receipt === undefined || problem !== undefined) {
      refused.push(problem ?? 'it cannot be read');
      continue;
    }
    open.delete(receipt.ticketNonce);
    accepted.push({ receipt, signed });
  }
  return { accepted, refused, missing: [...new Set([...open.values()].map(({ audience }) => audience))] };
}

/** The nonce of a ticket that we signed ourselves. */
const nonceOf = ({ ticket }: TicketBundle): string =>
  ticketSchema.parse(JSON.parse(Buffer.from(fromBase64url(ticket.payload)).toString())).nonce;

function openReceipt(signed: Signed, { issued }: ReceiptContext): Receipt | undefined {
  for (const worker of new Set(issued.map(({ edge }) => edge.audience))) {
    try {
      return verifyReceipt(signed, worker);
    } catch {
      // another worker's, or nobody's: the next key decides
    }
  }
  return undefined;
}

function problemOf(
  receipt: Receipt,
  context: ReceiptContext,
  open: ReadonlyMap<string, TicketEdge>,
): string | undefined {
  const edge = open.get(receipt.ticketNonce);
  if (receipt.networkId !== context.networkId) return 'it is for another network';
  if (receipt.requestId !== context.requestId) return 'it is for another request';
  if (receipt.modelHash !== context.modelHash) return 'it is for another model';
  if (edge === undefined) return 'its ticket is unknown or was answered for already';
  if (edge.audience !== receipt.worker) return 'its ticket was issued to another worker';
  const allowed = new Set(edge.parts);
  if (receipt.parts.some((part) => !allowed.has(part))) return 'it names parts beyond its ticket';
  if (receipt.units > edge.maxUnits)
    return `it counts ${receipt.units} units; its ticket allows ${edge.maxUnits}`;
  if (receipt.finishedAt < receipt.startedAt) return 'it ended before it began';
  return undefined;
}
