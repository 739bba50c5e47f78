import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { Assignment, PeerAddress } from '@rios/sdk/schema/worker';
import type { Link } from '@rios/sdk/wire/link';
import { CONTROL, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import type { LiveWorker } from '../p2p/live-worker.ts';
import { FETCH_TICKET_MS, type TicketIssuer } from '../p2p/ticket-issuer.ts';
import { listAssignments, putAssignment } from '../store/assignments.ts';
import type { Store } from '../store/store.ts';
import type { AssignedModel } from './observed.ts';

/** Tells each worker what it shall hold: the whole of it, again after each change and on each new link. */
export interface Assigner {
  /** Reads the newest generations from the store. */
  load(): Promise<void>;
  /** Sends what is not sent yet. False when some worker did not take it: try again. */
  assign(assignments: ReadonlyMap<string, readonly AssignedModel[]>): Promise<boolean>;
  generationOf(peerId: string): number;
  /** The first generation with the parts that the worker is to hold now. */
  partsGenerationOf(peerId: string): number;
  isAssigned(peerId: string, modelHash: string): boolean;
}

export interface AssignerModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly workers: () => readonly LiveWorker[];
  readonly tickets: Pick<TicketIssuer, 'fetch'>;
}

/** What a worker was told last. */
interface Told {
  readonly generation: number;
  readonly partsGeneration: number;
  /** Which parts of which models, as text. */
  readonly parts: string;
  readonly peers: string;
  readonly models: ReadonlySet<string>;
  /** The link that took it; undefined = none yet. */
  readonly link: Link | undefined;
  readonly ticketsAt: number;
}

const NOTHING_TOLD: Told = {
  generation: 0,
  partsGeneration: 0,
  parts: '',
  peers: '',
  models: new Set(),
  link: undefined,
  ticketsAt: 0,
};

export function createAssigner(modules: AssignerModules): Assigner {
  const { store } = modules;
  const told = new Map<string, Told>();

  return {
    load: async () => {
      for (const [peerId, { generation, models }] of await listAssignments(store)) {
        const held = new Set(models.map(({ modelHash }) => modelHash));
        told.set(peerId, { ...NOTHING_TOLD, generation, models: held });
      }
    },
    assign: async (assignments) => {
      const members = modules.workers().filter(({ peerId }) => assignments.has(peerId));
      const peers = members.map(({ peerId, addresses }) => ({ peerId, addresses: [...addresses] }));
      const taken = await Promise.all(
        members.map((worker) =>
          assignOne(
            modules,
            told,
            worker,
            assignments.get(worker.peerId) ?? [],
            peers.filter(({ peerId }) => peerId !== worker.peerId),
          ),
        ),
      );
      return taken.every((done) => done);
    },
    generationOf: (peerId) => told.get(peerId)?.generation ?? 0,
    partsGenerationOf: (peerId) => told.get(peerId)?.partsGeneration ?? 0,
    isAssigned: (peerId, modelHash) => told.get(peerId)?.models.has(modelHash) === true,
  };
}

/** Tells one worker what it does not know yet. False when it did not take it though its link is open. */
async function assignOne(
  modules: AssignerModules,
  told: Map<string, Told>,
  worker: LiveWorker,
  models: readonly AssignedModel[],
  peers: PeerAddress[],
): Promise<boolean> {
  const { store, clock, log } = modules;
  const { link } = worker;
  if (link === null) return true;
  const before = told.get(worker.peerId) ?? NOTHING_TOLD;
  const next = nextTold(before, worker, models, peers, clock.now());
  if (next === undefined) return true;
  const assignment = toAssignment(modules, worker.peerId, next.generation, models, peers);
  told.set(worker.peerId, { ...next, link: undefined });
  await putAssignment(store, worker.peerId, assignment, clock.now());
  try {
    await link.request(Method.assign, payload(assignment), { deadlineMs: CONTROL.timeoutMs });
    if (told.get(worker.peerId)?.generation === next.generation) told.set(worker.peerId, next);
    log.info('assignment taken', { peerId: worker.peerId, generation: next.generation });
    return true;
  } catch (error) {
    log.warn('assignment not taken', { peerId: worker.peerId, error: String(error) });
    return link.closed;
  }
}

/** What the worker is to be told now; undefined when it knows that already. */
function nextTold(
  before: Told,
  worker: LiveWorker,
  models: readonly AssignedModel[],
  peers: readonly PeerAddress[],
  now: number,
): Told | undefined {
  const parts = JSON.stringify(models.map(({ modelHash, name, parts }) => [modelHash, name, parts]));
  const peersText = JSON.stringify(peers);
  const link = worker.link ?? undefined;
  const sameParts = parts === before.parts && link === before.link;
  const oldTickets = now - before.ticketsAt > FETCH_TICKET_MS / 2 && !holdsAll(worker, models);
  if (sameParts && peersText === before.peers && !oldTickets) return undefined;
  const generation = before.generation + 1;
  return {
    generation,
    partsGeneration: sameParts ? before.partsGeneration : generation,
    parts,
    peers: peersText,
    models: new Set(models.map(({ modelHash }) => modelHash)),
    link,
    ticketsAt: now,
  };
}

function holdsAll(worker: LiveWorker, models: readonly AssignedModel[]): boolean {
  const ready = new Set(
    worker.parts
      .filter(({ state }) => state === 'ready')
      .map(({ modelHash, partId }) => `${modelHash} ${partId}`),
  );
  return models.every(({ modelHash, parts }) => parts.every((part) => ready.has(`${modelHash} ${part}`)));
}

function toAssignment(
  { workers, tickets }: AssignerModules,
  workerId: string,
  generation: number,
  models: readonly AssignedModel[],
  peers: PeerAddress[],
): Assignment {
  const addresses = new Map(workers().map((worker) => [worker.peerId, worker.addresses]));
  return {
    generation,
    models: models.map(({ modelHash, name, manifestBytes, parts, sources }) => ({
      modelHash,
      name,
      manifestBytes,
      parts: [...parts],
      fetchTicket: tickets.fetch(workerId, modelHash, parts),
      sources: sources.map((peerId) => ({ peerId, addresses: [...(addresses.get(peerId) ?? [])] })),
    })),
    peers,
  };
}
