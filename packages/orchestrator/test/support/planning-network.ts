import { createIdentity } from '@rios/sdk/crypto/identity';
import { createNetworkKey } from '@rios/sdk/crypto/network';
import { type Log, silentLog } from '@rios/sdk/log';
import type { Offer } from '@rios/sdk/schema/worker';
import { assembleNetwork, createEntrance } from '../../src/network.ts';
import type { InferenceRequest } from '../../src/services/inference-port.ts';
import type { Invites } from '../../src/services/invites.ts';
import type { Network } from '../../src/services/network-port.ts';
import { AT_ONCE, enqueueEvaluation } from '../../src/store/evaluations.ts';
import { listEventsAfter, type StoredEvent } from '../../src/store/events.ts';
import { insertInvite } from '../../src/store/invites.ts';
import { upsertMember } from '../../src/store/members.ts';
import { setWanted } from '../../src/store/models.ts';
import type { Store } from '../../src/store/store.ts';
import { buildOffer } from '../loop/builders.ts';
import { ACCOUNT, GREEDY, noBlobs, storeModel } from '../p2p/harness.ts';
import { createMemoryPeers } from '../p2p/memory-peers.ts';
import { buildSmallModel } from '../p2p/small-model.ts';
import { createStandIn, type StandInWorker } from '../p2p/stand-in-worker.ts';
import { openAppSecrets } from './app-secrets.ts';
import { createFreezableClock, type FreezableClock } from './freezable-clock.ts';
import { addAccount } from './seed-store.ts';

const INVITE = 'inv_seed000000';
const BEAT_MS = 500;
const seedOf = (index: number) => new Uint8Array(32).fill(index);

/** One orchestrator of a store that others use too, on links in memory, in real time. */
export interface PlanningOrchestrator {
  readonly peerId: string;
  readonly network: Network;
  /** Freezing it is as if its process was stopped. */
  readonly clock: FreezableClock;
  /** What it logged: message and fields as JSON. */
  readonly lines: readonly string[];
  /** Lets a peer in. */
  admit(peerId: string): Promise<void>;
}

/** Orchestrators on one store, and workers that beat all the time, but not to one that is frozen. */
export interface PlanningNetwork {
  addOrchestrator(store: Store): Promise<PlanningOrchestrator>;
  /** Says hello to that orchestrator, with an offer as usual but for what is given. */
  addWorker(home: PlanningOrchestrator, offer?: Partial<Offer>): Promise<StandInWorker>;
  addModel(name: string): Promise<void>;
  /** Wishes the model on workers, as the API of any orchestrator does. */
  want(name: string, at: PlanningOrchestrator): Promise<void>;
  request(model: string): InferenceRequest;
  events(): Promise<StoredEvent[]>;
  stop(): Promise<void>;
}

/** @param store where tests look, and add what they need */
export async function createPlanningNetwork(store: Store): Promise<PlanningNetwork> {
  await addAccount(store, ACCOUNT);
  await insertInvite(store, {
    id: INVITE,
    secret_sha256: '',
    max_uses: 99,
    created_at: 1,
    expires_at: 2,
    revoked_at: null,
    account_id: null,
  });
  const networkKey = createNetworkKey(seedOf(201));
  const peers = createMemoryPeers();
  const networks: Network[] = [];
  const workers: { readonly worker: StandInWorker; readonly home: PlanningOrchestrator }[] = [];
  const beating = setInterval(() => {
    for (const { worker, home } of workers) if (!home.clock.frozen) worker.beat().catch(() => {});
  }, BEAT_MS);
  let count = 0;

  const redeem: Invites['redeem'] = ({ inviteId, peerId }) =>
    upsertMember(store, { peerId, inviteId, joinedAt: 1 });
  return {
    addOrchestrator: async (own) => {
      const identity = createIdentity(seedOf(100 + networks.length));
      const clock = createFreezableClock();
      const lines: string[] = [];
      const blobs = noBlobs(own, clock, identity.peerId);
      const rest = { store: own, identity, networkKey, blobs, redeem, clock, log: createKeptLog(lines) };
      const modules = {
        ...rest,
        secrets: openAppSecrets(own, clock),
        listen: [],
        announce: [],
        shared: true,
      };
      const entrance = createEntrance(modules);
      const network = assembleNetwork(modules, peers.create(identity.peerId), entrance);
      networks.push(network);
      await network.start();
      const admit = (peerId: string) => entrance.membership.admit(peerId, { inviteId: INVITE, secret: '' });
      return { peerId: identity.peerId, network, clock, lines, admit };
    },
    addWorker: async (home, offer) => {
      const identity = createIdentity(seedOf(workers.length + 1));
      await home.admit(identity.peerId);
      const worker = await createStandIn({
        peer: peers.create(identity.peerId),
        identity,
        orchestrator: { peerId: home.peerId, addresses: [] },
        networkPublicKey: networkKey.publicKey,
        offer: buildOffer(`worker-${workers.length}`, offer),
        clock: home.clock,
      });
      await worker.hello();
      workers.push({ worker, home });
      return worker;
    },
    addModel: (name) => storeModel(store, buildSmallModel(name), count++),
    want: async (name, at) => {
      await setWanted(store, name, { on: true, shape: 'island', spread: true });
      const key = at.network.evaluationKey(name);
      await enqueueEvaluation(store, { key, reason: 'test', dueAt: AT_ONCE });
      at.network.wake();
    },
    request: (model) => ({
      account: ACCOUNT,
      requestId: `req_${String(count++).padStart(12, '0')}`,
      model,
      input: { kind: 'ids', ids: [1, 2] },
      sampling: GREEDY,
      signal: new AbortController().signal,
      onPart: () => {},
    }),
    events: () => listEventsAfter(store, 0, 1_000),
    stop: async () => {
      clearInterval(beating);
      for (const network of networks) await network.stop();
    },
  };
}

function createKeptLog(lines: string[]): Log {
  const keep = (message: string, fields = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  return { ...silentLog, info: keep, warn: keep, error: keep, child: () => createKeptLog(lines) };
}
