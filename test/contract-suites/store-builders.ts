import { createHash } from 'node:crypto';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { insertAccount } from '../../packages/orchestrator/src/store/accounts.ts';
import type { StoredAssignment } from '../../packages/orchestrator/src/store/assignments.ts';
import { insertUploadingBlob, setBlobStored } from '../../packages/orchestrator/src/store/blobs.ts';
import { type InviteRow, insertInvite } from '../../packages/orchestrator/src/store/invites.ts';
import { upsertMember } from '../../packages/orchestrator/src/store/members.ts';
import { insertModel, type ModelRecord } from '../../packages/orchestrator/src/store/models.ts';
import { insertRequest, type RequestPlan } from '../../packages/orchestrator/src/store/requests.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import type { WorkerRecord } from '../../packages/orchestrator/src/store/workers.ts';

/** A sha256 and a peer id that are the same for the same number. */
export const SHA = (index: number): string => createHash('sha256').update(String(index)).digest('hex');
export const PEER = (index: number): string => createIdentity(new Uint8Array(32).fill(index)).peerId;

const ACCOUNT = 'acc_0000000001';

export async function createAccount(store: Store): Promise<string> {
  await insertAccount(store, { id: ACCOUNT, name: 'local', blob_quota_bytes: 1000, created_at: 1 });
  return ACCOUNT;
}

export function anInvite(over: Partial<InviteRow> = {}): InviteRow {
  return {
    id: 'inv_0000000001',
    secret_sha256: SHA(0),
    max_uses: 1,
    created_at: 1,
    expires_at: 100,
    revoked_at: null,
    account_id: null,
    ...over,
  };
}

export async function createMember(store: Store, peerId: string): Promise<void> {
  await insertInvite(store, anInvite());
  await upsertMember(store, { peerId, inviteId: anInvite().id, joinedAt: 1 });
}

export function aWorker(peerId: string): WorkerRecord {
  return {
    peerId,
    state: 'listed',
    reason: 'said hello',
    version: '0.1.0',
    offer: {
      name: 'w1',
      region: 'home',
      labels: { rack: '7' },
      price: '1000',
      engine: { runtime: 'ort', provider: 'cpu', numericClass: 'x', threads: 1, device: 'cpu' },
      cores: 2,
      isa: 'avx2',
      memoryBytes: 1e9,
      readBytesPerSecond: 1e10,
      expertMs: 0.5,
      sealingKey: '',
    },
    addresses: ['/ip4/127.0.0.1/tcp/1'],
    parts: [{ modelHash: SHA(1), partId: 'trunk.000', state: 'ready' }],
    rttMs: {},
    freeMemoryBytes: 1e8,
    loopDelayP99Ms: 1.25,
    helloAt: 5,
    lastSeenAt: 6,
    sessions: 2,
    generation: 3,
    containers: { generation: 4, replicas: [] },
    home: null,
    homeToken: 0,
  };
}

export const anAssignment = (generation: number): StoredAssignment => ({
  assignment: { generation, models: [], peers: [] },
  partsGeneration: generation,
  updatedAt: generation,
});

export function aModel(over: Partial<ModelRecord> = {}): ModelRecord {
  return {
    name: 'a',
    modelHash: SHA(100),
    sizeBytes: 30,
    parameters: 7,
    state: 'stored',
    reason: 'not placed yet',
    wanted: false,
    wantedShape: null,
    wantedSpread: false,
    wantedMinStakeWei: null,
    wish: 0,
    placement: null,
    error: null,
    accountId: ACCOUNT,
    createdAt: 4,
    ...over,
  };
}

/** A registered model whose blobs are all stored. */
export async function createModel(
  store: Store,
  { name, files }: { name: string; files: readonly string[] },
): Promise<ModelRecord> {
  const model = aModel({ name, accountId: await createAccount(store) });
  for (const sha256 of files) {
    await insertUploadingBlob(store, { sha256, sizeBytes: 10, now: 1 });
    await setBlobStored(store, sha256, 1);
  }
  await insertModel(store, model, Uint8Array.of(0, 255, 1), files);
  return model;
}

export async function createRequest(store: Store): Promise<string> {
  const id = 'req_0000000001';
  const orchestrator = PEER(9);
  const accountId = await createAccount(store);
  await insertRequest(store, { id, accountId, model: 'a', createdAt: 1, orchestrator });
  return id;
}

export const aPlan = (): RequestPlan => ({
  reason: 'the cheapest',
  rejected: [{ subject: 'chain', reason: 'slower' }],
  stages: [{ workerId: PEER(1), name: 'w1', from: 0, to: 4 }],
  names: { [PEER(1)]: 'w1' },
});
