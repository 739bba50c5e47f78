import { mkdir } from 'node:fs/promises';
import { toBase64url } from '@rios/sdk/crypto/hash';
import { createIdentity, type Identity } from '@rios/sdk/crypto/identity';
import { createNetworkKey, issueCertificate, type NetworkKey } from '@rios/sdk/crypto/network';
import { issueTicket } from '@rios/sdk/crypto/ticket';
import { silentLog } from '@rios/sdk/log';
import { createPeer, type Peer } from '@rios/sdk/p2p/peer';
import type { Signed, Ticket, TicketBundle } from '@rios/sdk/schema/trust';
import type { Offer, PeerAddress } from '@rios/sdk/schema/worker';
import { BLOB } from '@rios/sdk/wire/methods';
import { createClosers } from '../../../src/closers.ts';
import { type Compute, startCompute } from '../../../src/compute.ts';
import { dataDirOf } from '../../../src/data-dir.ts';
import { createMembers, type Members } from '../../../src/members.ts';
import type { ModelFiles } from '../../../src/runtime/engine.ts';
import { assignedModel, bundleHandlers } from '../../support/files-peer.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** A real worker on loopback, told what to hold by the test. */
export interface TestWorker extends Compute {
  readonly identity: Identity;
  readonly peer: Peer;
  readonly members: Members;
  readonly address: PeerAddress;
  readonly root: string;
  draining: boolean;
  /** Asks it to hold these parts of the model, and waits until it does. */
  hold(parts: readonly string[], sources?: readonly PeerAddress[]): Promise<void>;
  stop(): Promise<void>;
}

/** An orchestrator that signs and stores but decides nothing, and the workers of a test. */
export interface TestNetwork {
  readonly key: NetworkKey;
  readonly identity: Identity;
  readonly peer: Peer;
  readonly model: ModelFiles;
  readonly certificate: Signed;
  ticket(fields: Partial<Ticket> & Pick<Ticket, 'holder'>): TicketBundle;
  /** Starts a worker that knows all the others. `root` reuses an earlier one's directory. */
  startWorker(root?: string): Promise<TestWorker>;
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;

export async function startNetwork(model: ModelFiles): Promise<TestNetwork> {
  const key = createNetworkKey();
  const identity = createIdentity();
  const certificate = issueCertificate(key, identity.peerId, Date.now(), HOUR_MS);
  const workers: TestWorker[] = [];
  const peer = await createPeer({
    identity,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    accept: () => true,
    log: silentLog,
  });
  await peer.serve(BLOB, bundleHandlers(model));
  await peer.start();
  const ticket: TestNetwork['ticket'] = (fields) =>
    issueTicket(
      identity,
      certificate,
      {
        networkId: key.networkId,
        purpose: 'compute',
        audience: null,
        requestId: 'req_0000000001',
        modelHash: model.modelHash,
        parts: [],
        maxUnits: 1_000_000,
        expiresAt: Date.now() + 60_000,
        ...fields,
      },
      Date.now(),
    );
  const introduce = () => {
    for (const worker of workers)
      worker.members.listed(workers.filter((other) => other !== worker).map(({ address }) => address));
  };
  return {
    key,
    identity,
    peer,
    model,
    certificate,
    ticket,
    async startWorker(root) {
      const worker = await startWorker({ key, peer, model, ticket, root: root ?? tempFolder() });
      workers.push(worker);
      introduce();
      return worker;
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await peer.stop();
    },
  };
}

interface WorkerSeed {
  readonly key: NetworkKey;
  readonly peer: Peer;
  readonly model: ModelFiles;
  readonly ticket: TestNetwork['ticket'];
  readonly root: string;
}

async function startWorker({ key, peer: store, model, ticket, root }: WorkerSeed): Promise<TestWorker> {
  const identity = createIdentity();
  const members = createMembers();
  members.joined(store.addresses);
  const closers = createClosers((error) => {
    throw error;
  });
  const peer = await createPeer({
    identity,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    accept: members.accepts,
    log: silentLog,
  });
  closers.add(() => peer.stop());
  await peer.start();
  const dir = dataDirOf(root);
  await mkdir(dir.modelsDir, { recursive: true });
  const changed = { tell: () => {} };
  const state = { draining: false };
  const compute = await startCompute({
    dir,
    log: silentLog,
    identity,
    entry: { kind: 'member', membership: membershipOf(key, store) },
    offer: testOffer(),
    peer,
    members,
    membership: membershipOf(key, store),
    isDraining: () => state.draining,
    onChange: () => changed.tell(),
    closers,
  });
  return {
    ...compute,
    identity,
    peer,
    members,
    address: { peerId: peer.peerId, addresses: peer.addresses },
    root,
    get draining() {
      return state.draining;
    },
    set draining(value) {
      state.draining = value;
    },
    async hold(parts, sources = []) {
      const fetchTicket = ticket({ holder: identity.peerId, purpose: 'fetch' });
      const done = new Promise<void>((resolve, reject) => {
        const check = () => {
          const observed = compute.worker.observed();
          const failed = observed.find(({ state: partState }) => partState === 'failed');
          if (failed !== undefined) reject(new Error(failed.error));
          if (parts.every((id) => observed.some((part) => part.partId === id && part.state === 'ready')))
            resolve();
        };
        changed.tell = check;
      });
      compute.worker.assign([await assignedModel(model, parts, { fetchTicket, sources: [...sources] })]);
      changed.tell();
      await done;
    },
    stop: closers.close,
  };
}

const membershipOf = (key: NetworkKey, store: Peer) => ({
  networkId: key.networkId,
  networkKey: toBase64url(key.publicKey),
  addresses: store.addresses,
});

/** An offer of one thread. */
export function testOffer(overrides: Partial<Offer> = {}): Offer {
  return {
    name: 'worker',
    region: '',
    labels: {},
    price: '1000',
    engine: { runtime: 'test', provider: 'cpu', numericClass: 'test', threads: 1, device: '' },
    cores: 1,
    isa: 'avx2',
    memoryBytes: 1e9,
    readBytesPerSecond: 1e10,
    expertMs: 0.1,
    sealingKey: 'AAAA',
    ...overrides,
  };
}
