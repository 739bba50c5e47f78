import type { Assignment } from '@rios/sdk/schema/worker';
import { compareText } from '../dmoe/facts.ts';
import type { LiveWorker } from '../p2p/live-worker.ts';
import { FETCH_TICKET_MS, type TicketIssuer } from '../p2p/ticket-issuer.ts';
import type { StoredAssignment } from '../store/assignments.ts';
import type { AssignedModel } from './observed.ts';

/** What a new assignment depends on of a worker. */
type AssignedWorker = Pick<LiveWorker, 'peerId' | 'addresses' | 'parts'>;

/** What new assignments are made of. */
export interface AssignmentSituation {
  readonly workers: readonly AssignedWorker[];
  /** By worker id: every worker that is connected. */
  readonly assignments: ReadonlyMap<string, readonly AssignedModel[]>;
  readonly stored: (workerId: string) => StoredAssignment | undefined;
  readonly now: number;
}

/** The assignments that differ from the stored ones, each one generation on. Pure but for the tickets' random. */
export function nextAssignments(
  situation: AssignmentSituation,
  tickets: Pick<TicketIssuer, 'fetch'>,
): Map<string, StoredAssignment> {
  const { workers, assignments, stored, now } = situation;
  const members = workers
    .filter(({ peerId }) => assignments.has(peerId))
    .toSorted((a, b) => compareText(a.peerId, b.peerId));
  const addresses = new Map(members.map((worker) => [worker.peerId, [...worker.addresses]]));
  const next = new Map<string, StoredAssignment>();
  for (const worker of members) {
    const { peerId } = worker;
    const models = assignments.get(peerId) ?? [];
    const peers = members
      .filter((member) => member.peerId !== peerId)
      .map((member) => ({ peerId: member.peerId, addresses: [...member.addresses] }));
    const before = stored(peerId);
    const sameParts = before !== undefined && partsText(models) === partsText(before.assignment.models);
    const samePeers =
      before !== undefined && JSON.stringify(peers) === JSON.stringify(before.assignment.peers);
    const oldTickets =
      before !== undefined && now - before.updatedAt > FETCH_TICKET_MS / 2 && !holdsAll(worker, models);
    if (sameParts && samePeers && !oldTickets) continue;
    const generation = (before?.assignment.generation ?? 0) + 1;
    next.set(peerId, {
      assignment: {
        generation,
        models: models.map((model) => toModel(model, addresses, tickets, peerId)),
        peers,
      },
      partsGeneration: sameParts ? before.partsGeneration : generation,
      updatedAt: now,
    });
  }
  return next;
}

/** Which parts of which models. */
const partsText = (
  models: readonly { modelHash: string; name: string; parts: readonly string[] }[],
): string => JSON.stringify(models.map(({ modelHash, name, parts }) => [modelHash, name, parts]));

function holdsAll(worker: AssignedWorker, models: readonly AssignedModel[]): boolean {
  const ready = new Set(
    worker.parts
      .filter(({ state }) => state === 'ready')
      .map(({ modelHash, partId }) => `${modelHash} ${partId}`),
  );
  return models.every(({ modelHash, parts }) => parts.every((part) => ready.has(`${modelHash} ${part}`)));
}

const toModel = (
  { modelHash, name, manifestBytes, parts, sources }: AssignedModel,
  addresses: ReadonlyMap<string, string[]>,
  tickets: Pick<TicketIssuer, 'fetch'>,
  workerId: string,
): Assignment['models'][number] => ({
  modelHash,
  name,
  manifestBytes,
  parts: [...parts],
  fetchTicket: tickets.fetch(workerId, modelHash, parts),
  sources: sources.map((peerId) => ({ peerId, addresses: addresses.get(peerId) ?? [] })),
});
