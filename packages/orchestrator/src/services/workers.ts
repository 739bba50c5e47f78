import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { WorkerView } from '@rios/sdk/schema/api';
import { CONTROL, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { compareText } from '../dmoe/facts.ts';
import type { LiveWorker } from '../p2p/live-worker.ts';
import type { Membership } from '../p2p/membership.ts';
import type { WorkerRegistry } from '../p2p/worker-registry.ts';
import { deleteAssignment } from '../store/assignments.ts';
import { appendAudit } from '../store/audit.ts';
import { addEvent } from '../store/events.ts';
import { getMember } from '../store/members.ts';
import type { Store } from '../store/store.ts';
import type { Workers } from './workers-port.ts';

export interface WorkersModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: WorkerRegistry;
  readonly membership: Pick<Membership, 'expel'>;
  /** Closes every connection to a peer. */
  readonly disconnect: (peerId: string) => Promise<void>;
}

/** What operators ask about workers and do to them. */
export function createWorkers(modules: WorkersModules): Workers {
  const { store, registry } = modules;
  return {
    list: async () => {
      const workers = registry.list().toSorted((a, b) => compareText(a.peerId, b.peerId));
      return Promise.all(workers.map((worker) => viewOf(store, worker)));
    },
    get: async (idOrName) => viewOf(store, find(registry, idOrName)),
    drain: async (idOrName, by = '') => {
      const { peerId, link } = find(registry, idOrName);
      await audit(modules, 'worker.drain', peerId, by);
      await registry.drain(peerId, 'asked to by an operator');
      void link
        ?.request(Method.drain, payload(), { deadlineMs: CONTROL.timeoutMs })
        .catch((error: unknown) =>
          modules.log.warn('the worker was not told to drain', { peerId, error: String(error) }),
        );
      return viewOf(store, find(registry, peerId));
    },
    remove: (id, by = '') => remove(modules, id, by),
  };
}

/** Before the act, so that none is done without an entry. */
const audit = ({ store, clock }: WorkersModules, action: string, subject: string, actor: string) =>
  store
    .transaction()
    .execute((tx) =>
      appendAudit(tx, { at: clock.now(), actor, action, subject, details: { outcome: 'ok' } }),
    );

async function remove(modules: WorkersModules, id: string, by: string) {
  const { store, clock, registry, membership, disconnect } = modules;
  const known = registry.get(id);
  const member = await getMember(store, id);
  if (known === undefined && (member === undefined || member.expelled_at !== null)) throw notFound(id);
  await audit(modules, 'worker.remove', id, by);
  await membership.expel(id, clock.now());
  await registry.forget(id);
  await deleteAssignment(store, id);
  await disconnect(id);
  const message = `${known?.offer.name ?? id}: expelled from the network`;
  await addEvent(store, { at: clock.now(), kind: 'worker.removed', subject: id, message });
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

async function viewOf(store: Store, worker: LiveWorker): Promise<WorkerView> {
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
  };
}
