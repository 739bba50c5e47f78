import { readFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { systemClock } from '@rios/sdk/clock';
import { createIdentity, type Identity } from '@rios/sdk/crypto/identity';
import { parseInvite } from '@rios/sdk/crypto/invite';
import { createNetworkKey } from '@rios/sdk/crypto/network';
import { silentLog } from '@rios/sdk/log';
import { parseManifest } from '@rios/sdk/model/bundle';
import { fetchFile, peerSources } from '@rios/sdk/p2p/fetch-file';
import { join } from '@rios/sdk/p2p/join';
import { createPeer, type Peer } from '@rios/sdk/p2p/peer';
import { expect } from 'chai';
import { createNetwork } from '../../src/network.ts';
import { createBlobFiles } from '../../src/services/blob-files.ts';
import { type BlobOwner, type Blobs, createBlobs } from '../../src/services/blobs.ts';
import { createInvites, type Invites } from '../../src/services/invites.ts';
import { createModels, type Models } from '../../src/services/models.ts';
import type { Network } from '../../src/services/network-port.ts';
import type { Store } from '../../src/store/store.ts';
import { buildOffer } from '../loop/builders.ts';
import { openAppSecrets } from '../support/app-secrets.ts';
import { expectError } from '../support/expect-error.ts';
import { addAccount, openMemoryStore, peerIdOf } from '../support/seed-store.ts';
import { createTempDirectory } from '../support/temp-directory.ts';
import { GREEDY } from './harness.ts';
import { buildSmallModel } from './small-model.ts';
import { ANSWER_IDS, createStandIn, type StandInWorker } from './stand-in-worker.ts';
import { until } from './until.ts';

const LOOPBACK = ['/ip4/127.0.0.1/tcp/0'];

describe('the network on libp2p', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const networkKey = createNetworkKey();
  let store: Store;
  let owner: BlobOwner;
  let directory: string;
  let blobs: Blobs;
  let network: Network;
  let invites: Invites;
  let models: Models;
  const orchestrator = createIdentity();

  beforeEach(async () => {
    const temp = await createTempDirectory();
    closers.push(temp.remove);
    directory = temp.path;
    store = await openMemoryStore();
    closers.push(() => store.destroy());
    owner = await addAccount(store, 'acc_owner00000');
    const clock = systemClock;
    const files = createBlobFiles(joinPath(directory, 'blobs'));
    blobs = createBlobs({
      store,
      files,
      clock,
      log: silentLog,
      self: peerIdOf(0),
      freeBytes: async () => 1e12,
    });
    network = await createNetwork({
      store,
      identity: orchestrator,
      networkKey,
      blobs,
      secrets: openAppSecrets(store, clock),
      redeem: (request) => invites.redeem(request),
      listen: LOOPBACK,
      announce: [],
      clock,
      log: silentLog,
    });
    const { evaluationKey, wake } = network;
    invites = createInvites({ store, clock, networkKey: networkKey.publicKey, addresses: network.addresses });
    models = createModels({ store, blobs, clock, parseManifest, evaluationKey, wake });
    await network.start();
    closers.push(() => network.stop());
  });
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  const at = () => ({ peerId: orchestrator.peerId, addresses: [...network.addresses()] });
  const startPeer = async (identity: Identity): Promise<Peer> => {
    const peer = await createPeer({ identity, listen: LOOPBACK, accept: () => true, log: silentLog });
    await peer.start();
    closers.push(() => peer.stop());
    return peer;
  };
  const addWorker = async (index: number): Promise<StandInWorker> => {
    const identity = createIdentity();
    const peer = await startPeer(identity);
    const { text } = await invites.create({ ttlMs: 60_000, maxUses: 1 });
    const { addresses } = await join(peer, parseInvite(text), Date.now());
    expect(addresses).to.deep.equal(network.addresses());
    const worker = await createStandIn({
      peer,
      identity,
      orchestrator: at(),
      networkPublicKey: networkKey.publicKey,
      offer: buildOffer(`worker-${index}`),
      clock: systemClock,
    });
    await worker.hello();
    return worker;
  };
  const push = async () => {
    const model = buildSmallModel();
    for (const bytes of model.files) await blobs.put(bytes, owner);
    await models.register('small', model.manifestBytes, owner);
    return model;
  };
  const run = () =>
    network.inference.run({
      account: owner.accountId,
      requestId: `req_${String(Date.now()).padStart(16, '0')}${Math.floor(performance.now() * 1000)}`,
      model: 'small',
      input: { kind: 'ids', ids: [1] },
      sampling: GREEDY,
      signal: new AbortController().signal,
      onPart: () => {},
    });

  it('default: three workers join by invite, hold a spread model, answer, and outlive the loss of one', async () => {
    const workers = [await addWorker(0), await addWorker(1), await addWorker(2)];
    await until('all are dialled back', async () =>
      (await network.workers.list()).every(({ state }) => state === 'listed'),
    );
    await push();
    await models.place('small', { shape: 'island', spread: true });

    const first = await run();
    expect(first.summary.ids).to.deep.equal(ANSWER_IDS);
    expect(first.summary.workers).to.have.length(3);

    const { stages } = (await models.get('small')).placement ?? expect.fail('no placement');
    const trunk = workers.find(({ peerId }) => peerId === stages[0]?.workerId);
    await trunk?.die();
    const second = await run();
    expect(second.summary.ids).to.deep.equal(ANSWER_IDS);
    expect(second.summary.workers.map(({ id }) => id)).to.not.include(trunk?.peerId);
  });

  it('behaviour: a worker fetches the manifest and files of what it is to hold, and of nothing else', async () => {
    const worker = await addWorker(0);
    const model = await push();
    const stranger = await addWorker(1);
    await models.place('small', { shape: 'replica', spread: false });
    const holder = await until('somebody is to hold it', () =>
      [worker, stranger].find(({ assignments }) => assignments.at(-1)?.models.length === 1),
    );
    const other = holder === worker ? stranger : worker;
    const [assigned] = holder.assignments.at(-1)?.models ?? [];
    const ticket = assigned?.fetchTicket ?? expect.fail('no ticket');
    const own = {
      path: 'manifest.json',
      sizeBytes: assigned?.manifestBytes ?? 0,
      sha256: model.modelHash,
      chunks: [model.modelHash],
    };
    const fetch = (peer: Peer, file: typeof own, name: string) =>
      fetchFile({
        file,
        modelHash: model.modelHash,
        ticket,
        sources: peerSources(peer, [at()]),
        destination: joinPath(directory, name),
      });

    await fetch(holder.peer, own, 'manifest');
    for (const [index, file] of model.manifest.files.entries())
      await fetch(holder.peer, file, `file-${index}`);

    expect(await readFile(joinPath(directory, 'manifest'))).to.deep.equal(model.manifestBytes);
    const foreign = { ...own, sha256: 'c'.repeat(64), chunks: ['c'.repeat(64)] };
    await expectError(fetch(holder.peer, foreign, 'foreign'), 'NOT_FOUND_BLOB');
    await expectError(fetch(other.peer, own, 'stolen'), 'AUTH_TICKET_INVALID');
  });

  it('error PEER_UNREACHABLE: a peer that never joined gets no link', async () => {
    const identity = createIdentity();
    const stranger = await createStandIn({
      peer: await startPeer(identity),
      identity,
      orchestrator: at(),
      networkPublicKey: networkKey.publicKey,
      offer: buildOffer('stranger'),
      clock: systemClock,
    });

    await expectError(stranger.hello(), 'PEER_UNREACHABLE');
    expect(await network.workers.list()).to.deep.equal([]);
  });
});
