import { fromBase64url } from '@rios/sdk/crypto/hash';
import { type TicketBundle, ticketSchema } from '@rios/sdk/schema/trust';
import type { BilledTicket } from '../billing/billed-request.ts';
import type { BuiltRoute } from '../dmoe/route.ts';

/** The tickets of a route as they are billed. `askOf`: what each worker asks now, wei per 1,000,000 units. Pure. */
export function billedTickets(
  { edges }: Pick<BuiltRoute, 'edges'>,
  askOf: (workerId: string) => bigint,
): BilledTicket[] {
  return edges.map(({ edge: { audience, parts, maxUnits }, ticket }) => ({
    nonce: nonceOf(ticket),
    worker: audience,
    parts,
    maxUnits,
    askWei: askOf(audience),
  }));
}

/** The nonce of a ticket that we signed ourselves. */
const nonceOf = ({ ticket }: TicketBundle): string =>
  ticketSchema.parse(JSON.parse(Buffer.from(fromBase64url(ticket.payload)).toString())).nonce;
