import { randomBytes } from 'node:crypto';
import { RiosError } from '../errors/error.ts';
import { type Signed, type Ticket, type TicketBundle, ticketSchema } from '../schema/trust.ts';
import type { Identity } from './identity.ts';
import { CLOCK_TOLERANCE_MS, verifyCertificate } from './network.ts';
import type { NonceSet } from './nonce-set.ts';
import { publicKeyOf } from './peer-id.ts';
import { openSigned, sign } from './signed.ts';

export { createNonceSet, type NonceSet } from './nonce-set.ts';

/** Signs a ticket with the orchestrator's identity, and adds the certificate that proves the orchestrator. */
export function issueTicket(
  identity: Identity,
  certificate: Signed,
  fields: Omit<Ticket, 'issuer' | 'issuedAt' | 'nonce'>,
  now: number,
): TicketBundle {
  const nonce = randomBytes(16).toString('hex');
  const ticket: Ticket = { ...fields, issuer: identity.peerId, issuedAt: now, nonce };
  return { ticket: sign('ticket', ticket, identity.privateKey), certificate };
}

/** Against what a ticket is checked. */
export interface TicketCheck {
  readonly networkPublicKey: Uint8Array;
  /** Peer id of the one who checks: the audience. */
  readonly self: string;
  /** Peer id of the caller, proved by its connection. */
  readonly holder: string;
  readonly now: number;
  /** Only tickets of this purpose pass, when given. */
  readonly purpose?: Ticket['purpose'];
  /** Each ticket passes once, when given. */
  readonly seen?: NonceSet;
}

/**
 * Checks a ticket by the network key alone: certificate, signature, network, holder, audience, time, replay.
 * Throws AUTH_TICKET_EXPIRED or AUTH_TICKET_INVALID.
 */
export function verifyTicket(bundle: TicketBundle, check: TicketCheck): Ticket {
  const ticket = openTicket(bundle, check);
  if (check.now > ticket.expiresAt + CLOCK_TOLERANCE_MS)
    throw new RiosError('AUTH_TICKET_EXPIRED', 'the ticket has expired');
  if (check.now < ticket.issuedAt - CLOCK_TOLERANCE_MS) throw invalid('it is from the future');
  if (ticket.holder !== check.holder) throw invalid('it belongs to another peer');
  if (!isAudience(ticket, check.self)) throw invalid('it is for another peer to serve');
  if (check.purpose !== undefined && ticket.purpose !== check.purpose)
    throw invalid(`it allows ${ticket.purpose}, not ${check.purpose}`);
  if (check.seen !== undefined && !check.seen.add(ticket.nonce, ticket.expiresAt))
    throw invalid('it was used before');
  return ticket;
}

function openTicket(bundle: TicketBundle, check: TicketCheck): Ticket {
  try {
    const certificate = verifyCertificate(bundle.certificate, check.networkPublicKey, check.now);
    const key = publicKeyOf(certificate.orchestrator);
    const ticket = openSigned('ticket', bundle.ticket, key, ticketSchema);
    if (ticket.issuer !== certificate.orchestrator) throw invalid('its issuer is not who signed it');
    if (ticket.networkId !== certificate.networkId) throw invalid('it is for another network');
    return ticket;
  } catch (error) {
    throw new RiosError('AUTH_TICKET_INVALID', (error as Error).message, { cause: error });
  }
}

/** A compute ticket names who serves it; a fetch ticket may leave it open to any member. */
function isAudience(ticket: Ticket, self: string): boolean {
  return ticket.audience === null ? ticket.purpose === 'fetch' : ticket.audience === self;
}

const invalid = (why: string) => new RiosError('AUTH_TICKET_INVALID', `the ticket is refused: ${why}`);
