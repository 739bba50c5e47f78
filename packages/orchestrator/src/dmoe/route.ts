import { RiosError } from '@rios/sdk/errors/error';
import type { Placement, Route } from '@rios/sdk/schema/route';
import type { TicketBundle } from '@rios/sdk/schema/trust';
import type { PeerAddress } from '@rios/sdk/schema/worker';
import type { ModelSummary } from './facts.ts';
import { type TicketEdge, ticketEdges } from './tickets.ts';

export interface RouteInput {
  readonly model: ModelSummary;
  readonly placement: Placement;
  readonly requestId: string;
  readonly sessionId: string;
  /** Peer id of the orchestrator, which opens the first stage. */
  readonly orchestrator: string;
  /** Positions that the request can reach at most. */
  readonly positions: number;
  /** Where each worker is dialled. Must know all workers of the placement. */
  readonly addressOf: (workerId: string) => PeerAddress | undefined;
  readonly issue: (edge: TicketEdge) => TicketBundle;
}

/** A request's route, and the edges its tickets were issued for. */
export interface BuiltRoute {
  readonly route: Route;
  readonly edges: readonly { readonly edge: TicketEdge; readonly ticket: TicketBundle }[];
}

/** Makes the route of one request, with a ticket for each edge. @throws RiosError PEER_LOST for an unknown worker. */
export function buildRoute(input: RouteInput): BuiltRoute {
  const { model, placement, requestId, sessionId } = input;
  const edges = ticketEdges(model, placement, input.orchestrator, input.positions).map((edge) => ({
    edge,
    ticket: input.issue(edge),
  }));
  const addressOf = (workerId: string): PeerAddress => {
    const address = input.addressOf(workerId);
    if (address !== undefined) return address;
    throw new RiosError('PEER_LOST', `worker ${workerId} of the placement is gone`, {
      details: { peerId: workerId },
    });
  };
  const stages = placement.stages.map(({ workerId, from, to }, index) => {
    const own = edges.find(({ edge }) => edge.kind === 'stage' && edge.stage === index);
    if (own === undefined) throw new RiosError('BUG_UNEXPECTED', `stage ${index} has no ticket`);
    const experts = edges
      .filter(({ edge }) => edge.kind === 'experts' && edge.stage === index)
      .map(({ edge, ticket }) => ({ worker: addressOf(edge.audience), ticket, parts: [...edge.parts] }));
    return { worker: addressOf(workerId), from, to, ticket: own.ticket, experts };
  });
  const route: Route = {
    requestId,
    sessionId,
    epoch: 1,
    modelHash: placement.modelHash,
    shape: placement.shape,
    stages,
  };
  return { route, edges };
}
