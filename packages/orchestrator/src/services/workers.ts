import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { WorkerView } from '@rios/sdk/schema/api';
import type { StakeFact } from '../chain/stake-facts.ts';
import { compareText } from '../dmoe/facts.ts';
import type { LiveWorker } from '../p2p/live-worker.ts';
import type { Membership } from '../p2p/membership.ts';
import type { WorkerRegistry } from '../p2p/worker-registry.ts';
import { deleteAssignment } from '../store/assignments.ts';
import { appendAudit } from '../store/audit.ts';
import { addEvent } from '../store/events.ts';
import { expelMember, getMember } from '../store/members.ts';
import type { Store } from '../store/store.ts';
import { deleteWorker, getWorker } from '../store/workers.ts';
import type { Workers } from './workers-port.ts';

export interface WorkersModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly registry: WorkerRegistry;
  readonly membership: Pick<Membership, 'expel'>;
  /** What the chain says of its operator; undefined = it is bound to no wallet. */
  readonly stakeOf: (peerId: string) => StakeFact | undefined;
  /** Closes every connection to a peer. */
  readonly disconnect: (peerId: string) => Promise<void>;
}

/** What operators ask about workers and do to them. */
export function createWorkers(modules: WorkersModules): Workers {
  const { store, clock, registry } = modules;
  return {
    list: async () => {
      const workers = registry.list().toSorted((a, b) => compareText(a.peerId, b.peerId));
      return Promise.all(workers.map((worker) => viewOf(modules, worker)));
    },
    get: async (idOrName) => viewOf(modules, find(registry, idOrName)),
    drain: async (idOrName, by) => {
      const { peerId } = find(registry, idOrName);
      await store.transaction().execute((tx) => audit(tx, clock, 'worker.drain', peerId, by));
      await registry.askToDrain(peerId);
      await whenDraining(modules, peerId);
      return viewOf(modules, find(registry, peerId));
    },
    remove: (id, by) => remove(modules, id, by),
  };
}

/** In the transaction of the act where there is one, else before it: none is done without an entry. */
const audit = (tx: Store, clock: Clock, action: string, subject: string, actor: string) =>
  appendAudit(tx, { at: clock.now(), actor, action, subject, details: { outcome: 'ok' } });

/** The worker's home takes the wish up when it reads of it, which is soon; longer than this nobody waits. */
const WISH_MS = 2_000;
const LOOK_MS = 100;

async function whenDraining({ registry, clock }: WorkersModules, peerId: string): Promise<void> {
  const isPending = () => {
    const worker = registry.get(peerId);
    return worker?.home != null && worker.state !== 'draining';
  };
  for (let waited = 0; isPending() && waited < WISH_MS; waited += LOOK_MS) {
    await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
    await registry.refresh();
  }
}

/** The store first, all of it at once: an orchestrator that reads a part of it could let the worker in again. */
async function remove(modules: WorkersModules, id: string, by: string): Promise<void> {
  const { store, clock, registry, membership, disconnect } = modules;
  const at = clock.now();
  const removed = await store.transaction().execute(async (tx) => {
    const known = await getWorker(tx, id);
    const expelled = await expelMember(tx, id, at);
    if (known === undefined && !expelled) return false;
    await deleteWorker(tx, id);
    await deleteAssignment(tx, id);
    const message = `${known?.offer.name ?? id}: expelled from the network`;
    await addEvent(tx, { at, kind: 'worker.removed', subject: id, message });
    await audit(tx, clock, 'worker.remove', id, by);
    return true;
  });
  if (!removed) throw notFound(id);
  membership.expel(id);
  await registry.forget(id);
  await disconnect(id);
}

function find(registry: WorkerRegistry, idOrName: string): LiveWorker {
  const byId = registry.get(idOrName);
  if (byId !== undefined) return byId;
  const [only, ...more] = registry.list().filter(({ offer }) => offer.name === idOrName);
  if (only === undefined) throw notFound(idOrName);
  if (more.length === 0) return only;
  throw new RiosError('USER_INVALID_REQUEST', `${more.length + 1} workers are named ${idOrName}`, {
    hint: 'Name the worker by its id: rios worker list.',
    details: { ids: [only, ...more].map(({ peerId }) => peerId) },
  });
}

const notFound = (id: string) => new RiosError('NOT_FOUND_WORKER', `there is no worker ${id}`);

async function viewOf({ store, stakeOf }: WorkersModules, worker: LiveWorker): Promise<WorkerView> {
  const member = await getMember(store, worker.peerId);
  return {
    id: worker.peerId,
    state: worker.state,
    reason: worker.reason,
    offer: worker.offer,
    addresses: [...worker.addresses],
    parts: [...worker.parts],
    freeMemoryBytes: worker.freeMemoryBytes,
    loopDelayP99Ms: worker.loopDelayP99Ms,
    lastSeenAt: worker.lastSeenAt,
    joinedAt: member?.joined_at ?? worker.helloAt,
    ...stakeView(stakeOf(worker.peerId)),
  };
}

function stakeView(fact: StakeFact | undefined): Pick<WorkerView, 'wallet' | 'stakeWei' | 'stakeReadAt'> {
  if (fact === undefined) return { wallet: null, stakeWei: null, stakeReadAt: null };
  const { address, sequence, expiresAt, stakeWei, readAt } = fact;
  return {
    wallet: { address, sequence, expiresAt },
    stakeWei: stakeWei === null ? null : String(stakeWei),
    stakeReadAt: readAt,
  };
}
