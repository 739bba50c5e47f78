import type { Clock } from '@rios/sdk/clock';
import type { Identity } from '@rios/sdk/crypto/identity';
import { issueTicket } from '@rios/sdk/crypto/ticket';
import { createId } from '@rios/sdk/ids';
import type { Signed, Ticket, TicketBundle } from '@rios/sdk/schema/trust';

/** A fetch ticket lasts this long; a worker that still fetches gets a new one in time. */
export const FETCH_TICKET_MS = 3_600_000;

/** What a ticket is to allow; the rest is the issuer's. */
export type TicketWish = Pick<
  Ticket,
  'holder' | 'audience' | 'requestId' | 'modelHash' | 'parts' | 'maxUnits' | 'expiresAt'
>;

/** Signs tickets of this network. */
export interface TicketIssuer {
  readonly networkId: string;
  /** Lets `holder` have `audience` compute these parts. */
  compute(wish: TicketWish): TicketBundle;
  /** Lets `holder` read the model's files from any member. */
  fetch(holder: string, modelHash: string, parts: readonly string[]): TicketBundle;
}

export interface IssuerModules {
  readonly identity: Identity;
  readonly networkId: string;
  /** The network's newest certificate for this orchestrator. */
  readonly certificate: () => Signed;
  readonly clock: Clock;
}

export function createTicketIssuer({ identity, networkId, certificate, clock }: IssuerModules): TicketIssuer {
  const issue = (purpose: Ticket['purpose'], wish: TicketWish) =>
    issueTicket(identity, certificate(), { networkId, purpose, ...wish }, clock.now());
  return {
    networkId,
    compute: (wish) => issue('compute', wish),
    fetch: (holder, modelHash, parts) =>
      issue('fetch', {
        holder,
        audience: null,
        requestId: createId('fetch', clock.now()),
        modelHash,
        parts: [...parts],
        maxUnits: 0,
        expiresAt: clock.now() + FETCH_TICKET_MS,
      }),
  };
}
