import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@rios/sdk/clock';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { createNetworkKey } from '@rios/sdk/crypto/network';
import type { RiosError } from '@rios/sdk/errors/error';
import { silentLog } from '@rios/sdk/log';
import type { Sampling } from '@rios/sdk/schema/inference';
import type { Signed } from '@rios/sdk/schema/trust';
import type { Offer } from '@rios/sdk/schema/worker';
import { aModel } from '../../../../test/contract-suites/store-builders.ts';
import type { ChainAccess } from '../../src/chain/chain-access.ts';
import type { FaultPoint } from '../../src/fault-point.ts';
import { assembleNetwork, createEntrance } from '../../src/network.ts';
import type { Membership } from '../../src/p2p/membership.ts';
import { createBlobFiles } from '../../src/services/blob-files.ts';
import { createBlobs } from '../../src/services/blobs.ts';
import type { InferenceRequest } from '../../src/services/inference-port.ts';
import type { Invites } from '../../src/services/invites.ts';
import type { Network } from '../../src/services/network-port.ts';
import { insertBlobOwner, insertUploadingBlob, setBlobStored } from '../../src/store/blobs.ts';
import { enqueueEvaluation } from '../../src/store/evaluations.ts';
import { listEvents } from '../../src/store/events.ts';
import { insertInvite } from '../../src/store/invites.ts';
import { upsertMember } from '../../src/store/members.ts';
import { getModel, insertModel, type ModelRecord, setWanted } from '../../src/store/models.ts';
import type { Store } from '../../src/store/store.ts';
import { buildOffer } from '../loop/builders.ts';
import { openAppSecrets } from '../support/app-secrets.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { addAccount, openMemoryStore } from '../support/seed-store.ts';
import { createMemoryPeers, type MemoryPeers } from './memory-peers.ts';
import { buildSmallModel, type SmallModel } from './small-model.ts';
import { createStandIn, type StandInWorker } from './stand-in-worker.ts';
import { until } from './until.ts';

export const ACCOUNT = 'acc_owner00000';
export const ORCHESTRATOR = createIdentity(new Uint8Array(32).fill(201));
export const NETWORK_KEY = createNetworkKey(new Uint8Array(32).fill(202));
const INVITE = 'inv_seed000000';

const seedOf = (index: number) => new Uint8Array(32).fill(index + 1);

/** An orchestrator's peer-to-peer half on links in memory and a clock that stands. */
export interface Harness {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly network: Network;
  readonly peers: MemoryPeers;
  /** A member that said hello, unless told otherwise. */
  addWorker(index: number, options?: WorkerOptions): Promise<StandInWorker>;
  addModel(
    name?: string,
    wish?: { shape?: ModelRecord['wantedShape']; spread?: boolean },
  ): Promise<SmallModel>;
  place(name: string, wish?: { shape?: ModelRecord['wantedShape']; spread?: boolean }): Promise<void>;
  whenReady(name: string): Promise<ModelRecord>;
  /** Lets heartbeats come while time passes. */
  pass(ms: number, alive: readonly StandInWorker[]): Promise<void>;
  eventKinds(): Promise<string[]>;
  request(given?: Partial<InferenceRequest>): InferenceRequest;
  /** The same store, started anew. */
  restart(): Promise<Network>;
  close(): Promise<void>;
}

export interface WorkerOptions {
  readonly offer?: Partial<Offer>;
  readonly silent?: boolean;
  readonly dialError?: RiosError;
  readonly version?: string;
  readonly member?: boolean;
  readonly walletBinding?: () => Signed | null;
}

export const GREEDY: Sampling = {
  maxTokens: 3,
  temperature: 0,
  topP: 1,
  seed: 1,
  stop: [],
  stopAtEos: true,
  logprobs: null,
  echo: false,
};

/**
 * @param given where it all is, closed with the harness; by default in memory
 * @param chain that the network settles on; none by default
 * @param point of drills; by default nothing happens there
 */
export async function createHarness(
  given?: Store,
  chain?: ChainAccess,
  point?: FaultPoint,
): Promise<Harness> {
  const store = given ?? (await openMemoryStore());
  await addAccount(store, ACCOUNT);
  const clock = createManualClock();
  const invite = {
    id: INVITE,
    secret_sha256: '',
    max_uses: 99,
    created_at: 1,
    expires_at: 2,
    revoked_at: null,
    account_id: null,
  };
  await insertInvite(store, invite);
  const identity = ORCHESTRATOR;
  const networkKey = NETWORK_KEY;
  const peers = createMemoryPeers();
  const redeem: Invites['redeem'] = ({ inviteId, peerId }) =>
    upsertMember(store, { peerId, inviteId, joinedAt: clock.now() });
  let membership: Membership;
  let count = 0;

  const start = async () => {
    const modules = {
      store,
      identity,
      networkKey,
      blobs: noBlobs(store, clock, identity.peerId),
      secrets: openAppSecrets(store, clock),
      redeem,
      listen: [],
      announce: [],
      clock,
      log: silentLog,
      chainAccess: chain,
      point,
    };
    const peer = peers.create(identity.peerId);
    const entrance = createEntrance(modules);
    membership = entrance.membership;
    const started = assembleNetwork(modules, peer, entrance);
    await started.start();
    return started;
  };
  let network = await start();

  const harness: Harness = {
    store,
    clock,
    get network() {
      return network;
    },
    peers,
    addWorker: async (index, options = {}) => {
      const own = createIdentity(seedOf(index));
      if (options.member !== false) await membership.admit(own.peerId, { inviteId: INVITE, secret: '' });
      const peer = peers.create(own.peerId);
      peers.setDialError(own.peerId, options.dialError);
      const worker = await createStandIn({
        peer,
        identity: own,
        orchestrator: { peerId: identity.peerId, addresses: [] },
        networkPublicKey: networkKey.publicKey,
        offer: buildOffer(`worker-${index}`, options.offer),
        clock,
        ...(options.version === undefined ? {} : { version: options.version }),
        ...(options.walletBinding === undefined ? {} : { walletBinding: options.walletBinding }),
      });
      if (options.silent !== true) await worker.hello();
      return worker;
    },
    addModel: async (name = 'small', wish) => {
      const model = buildSmallModel(name);
      await storeModel(store, model, clock.now());
      if (wish !== undefined) await harness.place(name, wish);
      return model;
    },
    place: async (name, wish = {}) => {
      await setWanted(store, name, { on: true, shape: wish.shape ?? null, spread: wish.spread ?? false });
      await enqueueEvaluation(store, {
        key: network.evaluationKey(name),
        reason: 'test',
        dueAt: clock.now(),
      });
      network.wake();
    },
    whenReady: (name) =>
      until(`${name} is ready`, async () => {
        const model = await getModel(store, name);
        return model?.state === 'ready' ? model : undefined;
      }),
    pass: async (ms, alive) => {
      for (let passed = 0; passed < ms; passed += 1000) {
        clock.advance(Math.min(1000, ms - passed));
        for (const worker of alive) await worker.beat();
      }
    },
    eventKinds: async () => (await listEvents(store, 1000)).map(({ kind }) => kind).toReversed(),
    request: (given = {}) => ({
      account: ACCOUNT,
      requestId: `req_${String(count++).padStart(12, '0')}`,
      model: 'small',
      input: { kind: 'ids', ids: [1, 2] },
      sampling: GREEDY,
      signal: new AbortController().signal,
      onPart: () => {},
      ...given,
    }),
    restart: async () => {
      await network.stop();
      network = await start();
      return network;
    },
    close: async () => {
      await network.stop();
      await store.destroy();
    },
  };
  return harness;
}

/** Blobs of an orchestrator that has none. */
export const noBlobs = (store: Store, clock: Clock, self: string) =>
  createBlobs({
    store,
    files: createBlobFiles(join(tmpdir(), 'rios-no-blobs')),
    clock,
    log: silentLog,
    self,
    freeBytes: async () => 1e12,
  });

/** As an upload and a registration leave it. */
export async function storeModel(store: Store, model: SmallModel, now: number): Promise<void> {
  const { manifest, manifestBytes, modelHash } = model;
  const blobs = [...manifest.files, { sha256: modelHash, sizeBytes: manifestBytes.length }];
  for (const { sha256, sizeBytes } of blobs) {
    await insertUploadingBlob(store, { sha256, sizeBytes, now });
    await insertBlobOwner(store, sha256, ACCOUNT);
    await setBlobStored(store, sha256, now);
  }
  const record = aModel({ name: manifest.name, modelHash, accountId: ACCOUNT, createdAt: now });
  await insertModel(
    store,
    record,
    manifestBytes,
    blobs.map(({ sha256 }) => sha256),
  );
}
