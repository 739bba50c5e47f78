import { verifyTicket } from '@rios/sdk/crypto/ticket';
import { RiosError } from '@rios/sdk/errors/error';
import type { Ticket, TicketBundle } from '@rios/sdk/schema/trust';
import { requireMember, type ServeContext } from './context.ts';

/** What a caller asks to do under a ticket. */
export interface ComputeWish {
  /** Peer id of the caller, proved by its connection. */
  readonly caller: string;
  readonly requestId: string;
  readonly modelHash: string;
}

/**
 * Checks that the ticket lets this caller, who is a member, compute on this worker for that request, once.
 * Throws AUTH_PEER_UNKNOWN, AUTH_TICKET_INVALID or AUTH_TICKET_EXPIRED.
 */
export function authoriseCompute(context: ServeContext, bundle: TicketBundle, wish: ComputeWish): Ticket {
  requireMember(context, wish.caller);
  const ticket = verifyTicket(bundle, {
    networkPublicKey: context.networkPublicKey,
    self: context.identity.peerId,
    holder: wish.caller,
    now: context.clock.now(),
    purpose: 'compute',
    seen: context.seen,
  });
  if (ticket.requestId !== wish.requestId) throw refused('it is for another request');
  if (ticket.modelHash !== wish.modelHash) throw refused('it is for another model');
  return ticket;
}

/** Throws AUTH_TICKET_INVALID unless the ticket allows every one of the parts. */
export function requireCovered(ticket: Ticket, parts: readonly string[]): void {
  const allowed = new Set(ticket.parts);
  const extra = parts.filter((part) => !allowed.has(part));
  if (extra.length > 0) throw refused('it does not cover all parts', { parts: extra.slice(0, 20) });
}

const refused = (why: string, details: Record<string, unknown> = {}) =>
  new RiosError('AUTH_TICKET_INVALID', `the ticket is refused: ${why}`, { details });
