import { randomUUID } from 'node:crypto';
import type { Role } from '@rios/sdk/api/roles';
import type { Clock } from '@rios/sdk/clock';
import { sha256Of } from '@rios/sdk/crypto/hash';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { createNetworkKey } from '@rios/sdk/crypto/network';
import { silentLog } from '@rios/sdk/log';
import { parseManifest } from '@rios/sdk/model/bundle';
import type { SessionTokens } from '@rios/sdk/schema/account';
import { VERSION } from '@rios/sdk/version';
import { aModel } from '../../../../test/contract-suites/store-builders.ts';
import { checkModelChange } from '../../src/auth/ownership.ts';
import { createVouchers } from '../../src/billing/vouchers.ts';
import { type ChainSource, openChainSource } from '../../src/chain/chain-source.ts';
import { NO_FAULTS } from '../../src/fault-point.ts';
import { createEndpoints } from '../../src/gateway/endpoints.ts';
import { createSummaryReader } from '../../src/loop/observe.ts';
import { createOpenaiEndpoints } from '../../src/openai/openai-endpoints.ts';
import { createBillingEndpoints } from '../../src/services/billing-endpoints.ts';
import { createBillingViews } from '../../src/services/billing-views.ts';
import { createBlobFiles } from '../../src/services/blob-files.ts';
import { createBlobs } from '../../src/services/blobs.ts';
import { createDeploymentEndpoints } from '../../src/services/deployments/deployment-endpoints.ts';
import { createEarnings } from '../../src/services/earnings.ts';
import { createInvites } from '../../src/services/invites.ts';
import { createModels } from '../../src/services/models.ts';
import { createQuotes } from '../../src/services/quotes.ts';
import { createRequests } from '../../src/services/requests.ts';
import { readStatus } from '../../src/services/status.ts';
import { createEpochs } from '../../src/settlement/epochs.ts';
import type { Epochs } from '../../src/settlement/epochs-port.ts';
import { createFollowedContracts } from '../../src/settlement/followed-contracts.ts';
import { createSettlement } from '../../src/settlement/settlement-loop.ts';
import { insertModel } from '../../src/store/models.ts';
import { insertOutsideIdentity } from '../../src/store/outside-identities.ts';
import { insertRequest, setRequestPlan } from '../../src/store/requests.ts';
import type { Store } from '../../src/store/store.ts';
import { updateUser } from '../../src/store/users.ts';
import { createHarness } from '../p2p/harness.ts';
import { buildSmallModel } from '../p2p/small-model.ts';
import { createWorld, logIn, type World } from '../services/users/world.ts';
import { openAppSecrets } from '../support/app-secrets.ts';
import { addDeployment, addReplica } from '../support/seed-deployments.ts';
import { type SmallGateway, startGateway } from '../support/small-gateway.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

export const ADA = 'ada@example.org';
export const EVE = 'eve@example.org';
const BOB = 'bob@example.org';
/** The orchestrator that it is all at. */
const SELF = 'peer';

/** One of each kind of object, all of Ada's or of the network. */
export interface Objects {
  readonly model: string;
  readonly manifestBytes: Uint8Array;
  readonly blob: { readonly sha256: string; readonly bytes: Uint8Array };
  readonly requestId: string;
  readonly inviteId: string;
  readonly workerId: string;
  readonly tokenId: string;
  /** A program that Ada registered. */
  readonly clientId: string;
  /** One of two outside identities of Ada's. */
  readonly identityId: string;
  readonly sessionId: string;
  readonly accessToken: string;
  readonly org: string;
  /** Of an invitation into the organisation that was mailed to Bob. */
  readonly mailedToken: string;
  /** A deployment, with one replica on a worker that is not connected. */
  readonly app: string;
  readonly replicaId: string;
  readonly secret: string;
}

/** The services of an orchestrator behind its gateway: links and mails in memory, everything else as it is. */
export interface ObjectWorld {
  readonly gateway: SmallGateway;
  readonly store: Store;
  readonly world: World;
  /** Makes new objects. */
  seed(): Promise<Objects>;
  /** Logs a person in who has that role in the network. */
  sessionOf(email: string, role: Role): Promise<string>;
  /** Everything that is stored about Ada and the network, without what each call changes. */
  snapshot(): Promise<string>;
  close(): Promise<void>;
}

/** Settlement without a chain. */
function createSettling(given: {
  readonly store: Store;
  readonly clock: Clock;
  readonly chain: ChainSource;
  readonly epochs: Epochs;
}) {
  const contracts = createFollowedContracts(given.chain, { clock: given.clock, timeoutMs: 1_000 });
  const modules = { ...given, log: silentLog, contracts, point: NO_FAULTS };
  const options = {
    holder: SELF,
    keyFile: undefined,
    passwordFile: undefined,
    chainFile: undefined,
    gasBudgetWei: 0n,
    maxFeePerGas: 0n,
    collectAfterMs: 0,
    reconcileMs: 1,
  };
  return {
    settlement: createSettlement(options, modules),
    vouchers: createVouchers({ ...modules, networkId: 'net', onKept: () => {} }),
  };
}

/** @param given where it all is, closed with the world; by default in memory */
export async function createObjectWorld(given?: Store): Promise<ObjectWorld> {
  const harness = await createHarness(given);
  const { store, network } = harness;
  const directory = await createTempDirectory();
  const world = await createWorld(store);
  const { clock } = harness;
  const files = createBlobFiles(directory.path);
  const blobs = createBlobs({ self: SELF, store, files, clock, log: silentLog, freeBytes: async () => 1e12 });
  const { evaluationKey, wake, workers, addresses } = network;
  const models = createModels({ store, blobs, clock, parseManifest, evaluationKey, wake });
  const invites = createInvites({ store, clock, networkKey: new Uint8Array(32), addresses });
  const secrets = openAppSecrets(store, clock);
  const chain = await openChainSource({ file: undefined, rpcUrl: undefined }, silentLog);
  const identity = createIdentity(new Uint8Array(32).fill(1));
  const networkKey = createNetworkKey(new Uint8Array(32).fill(2));
  const facts = { networkId: 'net', peerId: SELF, version: VERSION, startedAt: 1 };
  const epochs = createEpochs(
    { dataDir: directory.path, networkId: 'net', self: SELF, engines: { database: undefined } },
    { store, clock, log: silentLog, chain },
  );
  const endpoints = createEndpoints(
    {
      accounts: world.users.endpoints,
      billing: createBillingEndpoints({
        store,
        clock,
        views: createBillingViews({ store, clock, networkId: 'net' }),
        quotes: createQuotes({
          store,
          clock,
          identity,
          networkKey,
          certificate: network.certificate,
          readSummary: createSummaryReader(store, parseManifest),
          listWorkers: () => workers.list(),
        }),
      }),
      deployments: createDeploymentEndpoints({
        store,
        clock,
        blobs,
        secrets,
        wake,
        openApp: network.openApp,
        trafficOf: () => undefined,
        urlOf: (name) => `http://${name}.localhost`,
      }),
      checkModelChange: (caller, name) => checkModelChange(store, caller, name),
      blobs,
      invites,
      models,
      requests: createRequests({ store }),
      workers,
      earnings: createEarnings({ store }),
      walletBindings: network.walletBindings,
      chain: chain.describe,
      epochs,
      ...createSettling({ store, clock, chain, epochs }),
      status: () =>
        readStatus(facts, {
          store,
          models,
          listWorkers: () => workers.list(),
          addresses,
          orchestrators: () => [],
        }),
    },
    createOpenaiEndpoints({ inference: network.inference, clock, randomSeed: () => 1 }),
  );
  const gateway = await startGateway(endpoints, { findCaller: world.users.authenticate, store, clock });
  let count = 0;

  /** Without its files: nobody loads it here. */
  const seedModel = async (accountId: string, name: string) => {
    const model = buildSmallModel(name);
    const record = aModel({ name, modelHash: model.modelHash, accountId, createdAt: count });
    await insertModel(store, record, model.manifestBytes, []);
    return model;
  };
  const seedApp = async (accountId: string, index: number) => {
    const app = `app-${index}`;
    const replicaId = `rpl_${String(index).padStart(12, '0')}`;
    const id = await addDeployment(store, { name: app, accountId });
    await addReplica(store, id, { id: replicaId, workerId: 'nobody' });
    const secret = `SECRET_${index}`;
    await secrets.set(accountId, { name: secret, value: 'of Ada' }, accountId);
    return { app, replicaId, secret };
  };
  const seed = async (): Promise<Objects> => {
    const index = count++;
    const name = `model-${index}`;
    const { sessionId, accessToken } = await logIn(world, ADA);
    const { accountId } = (await world.users.authenticate(accessToken)) ?? { accountId: '' };
    const owner = { accountId, blobQuotaBytes: 1e12 };
    const model = await seedModel(accountId, name);
    const bytes = Buffer.from(`blob of Ada ${index}`);
    await blobs.put(bytes, owner);
    const requestId = `req_${String(index).padStart(12, '0')}`;
    await insertRequest(store, { id: requestId, accountId, model: name, createdAt: 1, orchestrator: SELF });
    const plan = { reason: '', rejected: [], stages: [], names: {} };
    await setRequestPlan(store, requestId, { modelHash: model.modelHash, shape: 'replica', plan });
    await seedBill(store, { requestId, accountId, model: name, nonce: String(index).padStart(32, '0') });
    const invite = await invites.create({ ttlMs: 60_000, maxUses: 1, accountId });
    const worker = await harness.addWorker(index, { offer: { memoryBytes: 1000 } });
    // a person has so many at most
    await store.deleteFrom('user_tokens').execute();
    await store.deleteFrom('oauth_clients').execute();
    const made = await world.call('createToken', {
      body: { name, scopes: ['status'], ttlMs: 3_600_000 },
      token: accessToken,
    });
    const program = await world.call('createOauthClient', {
      body: { name, scopes: ['status'], ttlMs: 3_600_000, redirectUris: [] },
      token: accessToken,
    });
    const identity = { account_id: accountId, login: 'google', issuer: 'https://issuer.example', email: ADA };
    const identityId = `oid_${index}00000000000`;
    await insertOutsideIdentity(store, {
      ...identity,
      id: identityId,
      subject: String(index),
      created_at: 1,
      last_used_at: null,
    });
    const org = 'ada-org';
    if (index === 0) await world.call('createOrg', { body: { name: org }, token: accessToken });
    await store.deleteFrom('attempts').execute();
    const asked = { body: { email: BOB, role: 'viewer' }, params: { name: org }, token: accessToken };
    await world.call('inviteMember', asked);
    return {
      model: name,
      manifestBytes: model.manifestBytes,
      blob: { sha256: sha256Of(bytes), bytes },
      requestId,
      inviteId: invite.view.id,
      workerId: worker.peerId,
      tokenId: (made as { view: { id: string } }).view.id,
      clientId: (program as { view: { id: string } }).view.id,
      identityId,
      sessionId,
      accessToken,
      org,
      mailedToken: await world.mailedTo(BOB),
      ...(await seedApp(accountId, index)),
    };
  };
  await world.join(ADA);
  await world.join(EVE);
  await store.updateTable('accounts').set({ blob_quota_bytes: 1e12 }).execute();

  return {
    gateway,
    store,
    world,
    seed,
    sessionOf: async (email, role) => {
      await store.deleteFrom('attempts').execute();
      const session: SessionTokens = await logIn(world, email);
      const { accountId } = (await world.users.authenticate(session.accessToken)) ?? { accountId: '' };
      await updateUser(store, accountId, { role });
      return session.accessToken;
    },
    snapshot: () => snapshot(store),
    close: async () => {
      await gateway.server.stop();
      await harness.close();
      await directory.remove();
    },
  };
}

async function seedBill(
  store: Store,
  bill: { requestId: string; accountId: string; model: string; nonce: string },
): Promise<void> {
  const about = { request_id: bill.requestId, account_id: bill.accountId, at: 1 };
  await store
    .insertInto('bills')
    .values({
      ...about,
      model: bill.model,
      outcome: 'served',
      total_wei: '10',
      reserved_wei: '20',
      table_version: 1,
      quote_id: null,
      reason: null,
    })
    .execute();
  await store
    .insertInto('bill_lines')
    .values({
      ...about,
      line: 1,
      kind: 'charge',
      worker: 'peer',
      receipt_nonce: bill.nonce,
      units: 1,
      price_wei: '10000000',
      amount_wei: '10',
      worker_wei: '9',
      platform_wei: '1',
      fee_bps: 1000,
      reason: null,
      message: null,
      transfer_id: null,
      epoch: null,
    })
    .execute();
}

/** A key of an idempotent call. */
export const freshKey = (): string => randomUUID();

async function snapshot(store: Store): Promise<string> {
  const ada = await store.selectFrom('users').selectAll().where('email', '=', ADA).executeTakeFirstOrThrow();
  const mine = ada.account_id;
  const all = await Promise.all([
    store.selectFrom('models').select(['name', 'account_id', 'wanted', 'wish']).orderBy('name').execute(),
    store.selectFrom('blob_owners').selectAll().where('account_id', '=', mine).orderBy('sha256').execute(),
    store.selectFrom('requests').select(['id', 'account_id']).orderBy('id').execute(),
    store.selectFrom('invites').select(['id', 'revoked_at']).orderBy('id').execute(),
    store.selectFrom('members').select(['peer_id', 'expelled_at']).orderBy('peer_id').execute(),
    store.selectFrom('workers').select(['peer_id', 'reason']).orderBy('peer_id').execute(),
    store.selectFrom('user_tokens').select(['id', 'revoked_at']).where('created_by', '=', mine).execute(),
    store.selectFrom('sessions').select(['id', 'revoked_at']).where('account_id', '=', mine).execute(),
    store.selectFrom('org_members').selectAll().orderBy('org_id').orderBy('account_id').execute(),
    store.selectFrom('orgs').selectAll().orderBy('id').execute(),
    store.selectFrom('budgets').selectAll().where('account_id', '=', mine).execute(),
    store.selectFrom('account_funds').selectAll().where('account_id', '=', mine).execute(),
    store.selectFrom('price_tables').selectAll().execute(),
    store
      .selectFrom('deployments')
      .select(['name', 'account_id', 'wish', 'scale_json', 'restart_count', 'latest_release'])
      .orderBy('name')
      .execute(),
    store.selectFrom('app_secrets').selectAll().where('account_id', '=', mine).orderBy('id').execute(),
  ]);
  return JSON.stringify([ada, ...all]);
}
