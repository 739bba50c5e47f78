import { Readable } from 'node:stream';
import type { ChainFile } from '@rios/sdk/chain/chain-file';
import type { StatusView } from '@rios/sdk/schema/api';
import type { Vouchers } from '../billing/vouchers.ts';
import type { WalletBindings } from '../chain/wallet-bindings.ts';
import type { BillingEndpoints } from '../services/billing-endpoints.ts';
import type { Blobs } from '../services/blobs.ts';
import type { DeploymentEndpoints } from '../services/deployments/deployment-endpoints.ts';
import type { Earnings } from '../services/earnings.ts';
import type { Inference } from '../services/inference-port.ts';
import type { Invites } from '../services/invites.ts';
import type { Models } from '../services/models.ts';
import type { Requests } from '../services/requests.ts';
import type { Users } from '../services/users/users.ts';
import type { Workers } from '../services/workers-port.ts';
import type { Epochs } from '../settlement/epochs-port.ts';
import type { Settlement } from '../settlement/settlement-loop.ts';
import type { BytesAnswer, Caller, Endpoints, ServiceEndpoints } from './endpoint.ts';

/** The services behind the API. */
export interface Services {
  readonly blobs: Blobs;
  readonly invites: Invites;
  readonly models: Models;
  readonly requests: Requests;
  readonly workers: Workers;
  readonly earnings: Earnings;
  readonly walletBindings: Pick<WalletBindings, 'bind' | 'revoke'>;
  readonly inference: Inference;
  readonly epochs: Omit<Epochs, 'step' | 'stop'>;
  readonly vouchers: Vouchers;
  readonly settlement: Pick<Settlement, 'status'>;
  readonly accounts: Users['endpoints'];
  readonly billing: BillingEndpoints;
  readonly deployments: DeploymentEndpoints;
  readonly status: () => Promise<StatusView>;
  /** The chain that is followed. @throws RiosError CHAIN_ABSENT */
  readonly chain: () => Promise<ChainFile>;
  /** Refuses who may not change that model: AUTH_FORBIDDEN, NOT_FOUND_MODEL. */
  readonly checkModelChange: (caller: Caller, name: string) => Promise<void>;
}

/** The person behind a call, for the audit log. */
const actorOf = ({ actorId, accountId }: Caller): string => actorId ?? accountId;

type OpenaiEndpoints = Pick<Endpoints, 'createCompletion' | 'createChatCompletion'>;

/** Puts each route of the table on its service. */
export function createEndpoints(
  services: Omit<Services, 'inference'>,
  openai: OpenaiEndpoints,
): ServiceEndpoints {
  return {
    health: async () => ({ ok: true }),
    status: () => services.status(),
    getChain: () => services.chain(),
    ...workerEndpoints(services.workers),
    getEarnings: ({ params, query }) => services.earnings.list(params.id, query),
    ...walletEndpoints(services.walletBindings),
    ...inviteEndpoints(services.invites),
    ...blobEndpoints(services.blobs),
    ...modelEndpoints(services),
    ...epochEndpoints(services.epochs),
    ...fundsEndpoints(services),
    ...openai,
    ...services.accounts,
    ...services.billing,
    ...services.deployments,
    explainRoute: ({ params, caller }) => services.requests.explain(params.id, caller.accountId),
  };
}

function workerEndpoints(
  workers: Workers,
): Pick<Endpoints, 'listWorkers' | 'getWorker' | 'drainWorker' | 'removeWorker'> {
  return {
    listWorkers: async () => ({ workers: await workers.list() }),
    getWorker: ({ params }) => workers.get(params.id),
    drainWorker: ({ params, caller }) => workers.drain(params.id, actorOf(caller)),
    removeWorker: async ({ params, caller }) => {
      await workers.remove(params.id, actorOf(caller));
      return { ok: true };
    },
  };
}

/** Whoever hands a statement in: the signatures say whose it is. */
function walletEndpoints(
  bindings: Services['walletBindings'],
): Pick<Endpoints, 'bindWorker' | 'unbindWorker'> {
  return {
    bindWorker: ({ params, body }) => bindings.bind(params.id, body.binding),
    unbindWorker: async ({ params, body }) => {
      await bindings.revoke(params.id, body.revocation);
      return { ok: true };
    },
  };
}

function epochEndpoints(
  epochs: Services['epochs'],
): Pick<
  Endpoints,
  'listEpochs' | 'getEpoch' | 'getEpochReceipts' | 'closeEpoch' | 'getRewards' | 'getStatistics'
> {
  return {
    listEpochs: async ({ query }) => ({ epochs: [...(await epochs.list(query))] }),
    getEpoch: ({ params }) => epochs.show(params.epoch),
    getEpochReceipts: ({ params }) => epochs.receipts(params.epoch),
    closeEpoch: ({ caller }) => epochs.closeNow(actorOf(caller)),
    getRewards: ({ params }) => epochs.proofOf(params.address),
    getStatistics: () => epochs.statistics(),
  };
}

function fundsEndpoints({
  vouchers,
  settlement,
}: Pick<Services, 'vouchers' | 'settlement'>): Pick<
  Endpoints,
  'getFunds' | 'linkWallet' | 'addVoucher' | 'getSettlement'
> {
  return {
    getFunds: ({ caller }) => vouchers.funds(caller.accountId),
    linkWallet: ({ body, caller }) => vouchers.link(caller.accountId, body),
    addVoucher: ({ body, caller }) => vouchers.add(caller.accountId, body),
    getSettlement: () => settlement.status(),
  };
}

function inviteEndpoints(invites: Invites): Pick<Endpoints, 'createInvite' | 'listInvites' | 'revokeInvite'> {
  return {
    createInvite: async ({ body, caller, keepAnswer }) => {
      const { accountId } = caller;
      const made = await invites.create({ ...body, accountId, by: actorOf(caller) }, (tx, { text, view }) =>
        keepAnswer(tx, { invite: text, view }),
      );
      return { invite: made.text, view: made.view };
    },
    listInvites: async () => ({ invites: await invites.list() }),
    revokeInvite: ({ params, caller }) => invites.revoke(params.id, actorOf(caller)),
  };
}

function blobEndpoints(blobs: Blobs): Pick<Endpoints, 'putChunk' | 'getBlob' | 'missingChunks'> {
  return {
    putChunk: async ({ params, query, bytes, caller }) => ({
      complete: await blobs.putChunk({ ...params, sizeBytes: query.sizeBytes, bytes }, caller),
    }),
    getBlob: async ({ params, caller }) => {
      const { sizeBytes, read } = await blobs.open(params.sha256, caller.accountId);
      return bytesAnswer(params.sha256, sizeBytes, read);
    },
    missingChunks: async ({ body, caller }) => {
      const missing = [];
      for (const { sha256, sizeBytes } of body.blobs) {
        const chunks = await blobs.missingChunks(sha256, sizeBytes, caller);
        if (chunks.length > 0) missing.push({ sha256, chunks });
      }
      return { missing };
    },
  };
}

function modelEndpoints({
  models,
  checkModelChange,
}: Pick<Services, 'models' | 'checkModelChange'>): Pick<
  Endpoints,
  'listModels' | 'registerModel' | 'getModel' | 'getManifest' | 'removeModel' | 'placeModel' | 'unloadModel'
> {
  return {
    listModels: async () => ({
      object: 'list',
      data: (await models.list()).map((view) => ({
        id: view.name,
        object: 'model' as const,
        created: Math.floor(view.createdAt / 1000),
        owned_by: 'rios',
        rios: view,
      })),
    }),
    registerModel: ({ params, bytes, caller }) =>
      models.register(params.name, bytes, caller, actorOf(caller)),
    getModel: ({ params }) => models.get(params.name),
    getManifest: async ({ params }) => {
      const { bytes, modelHash } = await models.manifest(params.name);
      return bytesAnswer(modelHash, bytes.byteLength, (from, to) =>
        Readable.from([bytes.subarray(from, to)]),
      );
    },
    removeModel: async ({ params, caller }) => {
      await checkModelChange(caller, params.name);
      await models.remove(params.name, actorOf(caller));
      return { ok: true };
    },
    placeModel: async ({ params, body, caller }) => {
      await checkModelChange(caller, params.name);
      const { shape = null, spread = false } = body;
      const minStakeWei = body.minStakeWei === undefined ? null : BigInt(body.minStakeWei);
      return models.place(params.name, { shape, spread, minStakeWei }, actorOf(caller));
    },
    unloadModel: async ({ params, caller }) => {
      await checkModelChange(caller, params.name);
      return models.unload(params.name, actorOf(caller));
    },
  };
}

function bytesAnswer(etag: string, sizeBytes: number, open: BytesAnswer['open']): BytesAnswer {
  return { kind: 'bytes', contentType: 'application/octet-stream', sizeBytes, etag, open };
}
