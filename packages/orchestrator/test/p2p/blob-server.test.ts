import { createIdentity } from '@rios/sdk/crypto/identity';
import { createNetworkKey, issueCertificate } from '@rios/sdk/crypto/network';
import { issueTicket } from '@rios/sdk/crypto/ticket';
import { createId } from '@rios/sdk/ids';
import type { AppSource } from '@rios/sdk/schema/app';
import type { TicketBundle } from '@rios/sdk/schema/trust';
import { expect } from 'chai';
import { createChunkService } from '../../src/p2p/blob-server.ts';
import { deleteReplica } from '../../src/store/replicas.ts';
import type { Store } from '../../src/store/store.ts';
import { expectError } from '../support/expect-error.ts';
import { addDeployment, addReplica, anAppSpec } from '../support/seed-deployments.ts';
import { addAccount, openMemoryStore } from '../support/seed-store.ts';

const OWNER = 'acc_owner00000';
const [FILE, OTHER] = ['a'.repeat(64), 'b'.repeat(64)];
const network = createNetworkKey(new Uint8Array(32).fill(1));
const orchestrator = createIdentity(new Uint8Array(32).fill(2));
const worker = createIdentity(new Uint8Array(32).fill(3)).peerId;
const NOW = 1_700_000_000_000;
const certificate = issueCertificate(network, orchestrator.peerId, NOW, 60_000);

/** As the loop gives it with a wish: it names the file in place of a model. */
const ticketFor = (holder: string, modelHash = FILE) =>
  issueTicket(
    orchestrator,
    certificate,
    {
      networkId: network.networkId,
      purpose: 'fetch',
      holder,
      audience: null,
      requestId: createId('fetch', NOW),
      modelHash,
      parts: [],
      maxUnits: 0,
      expiresAt: NOW + 60_000,
    },
    NOW,
  );

describe('files of releases for workers', () => {
  let store: Store;
  let replicaId: string;
  beforeEach(async () => {
    store = await openMemoryStore();
    await addAccount(store, OWNER);
    const source: AppSource = {
      kind: 'folder',
      file: { sha256: FILE, sizeBytes: 5, chunks: [FILE] },
      base: 'rios/node',
    };
    const id = await addDeployment(
      store,
      { name: 'hello', accountId: OWNER },
      { spec: anAppSpec({ source }) },
    );
    replicaId = (await addReplica(store, id, { workerId: worker })).id;
  });
  afterEach(() => store.destroy());

  const service = () => {
    const find = async (sha256: string) => ({ path: `/blobs/${sha256}`, sizeBytes: 5 });
    return createChunkService({
      store,
      blobs: { find, findHere: find },
      clock: { now: () => NOW, after: () => () => {} },
      self: orchestrator.peerId,
      networkPublicKey: network.publicKey,
      accepts: () => true,
      isOrchestrator: () => false,
      isAssigned: async () => false,
    });
  };

  const authorise = async (ticket: TicketBundle, file: string, peerId: string) =>
    service().authorise(ticket, file, peerId);

  it('default: the worker that is to run it reads that file, and no other', async () => {
    await authorise(ticketFor(worker), FILE, worker);

    expect(await service().openFile(FILE, FILE, worker)).to.include({ path: `/blobs/${FILE}` });
    expect(await service().openFile(OTHER, FILE, worker)).to.equal(undefined);
    expect(await service().openFile(OTHER, OTHER, worker)).to.equal(undefined);
  });

  it('error AUTH_FORBIDDEN: a worker that is not to run it, with a ticket of its own', async () => {
    const other = createIdentity(new Uint8Array(32).fill(4)).peerId;

    await expectError(authorise(ticketFor(other), FILE, other), 'AUTH_FORBIDDEN');
    expect(await service().openFile(FILE, FILE, other)).to.equal(undefined);
  });

  it('error AUTH_FORBIDDEN: its container was taken away, and the ticket is still good', async () => {
    await deleteReplica(store, replicaId);

    await expectError(authorise(ticketFor(worker), FILE, worker), 'AUTH_FORBIDDEN');
    expect(await service().openFile(FILE, FILE, worker)).to.equal(undefined);
  });

  it('error AUTH_TICKET_INVALID: the ticket is another worker’s, or for another file', async () => {
    const other = createIdentity(new Uint8Array(32).fill(4)).peerId;

    await expectError(authorise(ticketFor(other), FILE, worker), 'AUTH_TICKET_INVALID');
    await expectError(authorise(ticketFor(worker, OTHER), FILE, worker), 'AUTH_TICKET_INVALID');
  });
});
