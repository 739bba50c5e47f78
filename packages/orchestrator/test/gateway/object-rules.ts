import type { Role } from '@rios/sdk/api/roles';
import type { RouteName } from '@rios/sdk/api/routes';
import { DEFAULT_PRICE_TABLE } from '@rios/sdk/billing/price-table';
import { PASSWORD } from '../services/users/world.ts';
import { anAppSpec } from '../support/seed-deployments.ts';
import { ADA, type Objects } from './object-world.ts';

/** What a call of a route carries. */
export interface Attack {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A code of the error catalogue, or `ok`. */
type Outcome = string;

/**
 * What a route does with objects, and what somebody else gets who asks for Ada's:
 * `none` it names no object; `own` it works on the caller's own account alone, whatever is asked; `owned` its object
 * is Ada's; `shared` an object of one account that all may use; `network` an object of the whole network, for which
 * the role alone decides.
 */
export interface ObjectRule {
  readonly kind: 'none' | 'own' | 'owned' | 'shared' | 'network';
  readonly attack?: (objects: Objects) => Attack;
  /** What Eve gets, by her role where it differs; roles without the scope get AUTH_FORBIDDEN anyway. */
  readonly eve?: Outcome | Partial<Record<Role, Outcome>>;
  /** What Ada gets (role developer) for the same call; `ok` unless said. */
  readonly ada?: Outcome;
}

const notFound = { kind: 'owned', eve: 'NOT_FOUND' } as const;
const noCredential = { kind: 'none' } as const;
const modelOf = ({ model }: Objects): Attack => ({ params: { name: model } });
const workerOf = ({ workerId }: Objects): Attack => ({ params: { id: workerId } });
const memberOf = ({ org }: Objects): Attack => ({
  params: { name: org },
  body: { email: ADA, role: 'viewer' },
});
const changeModel = { kind: 'owned', attack: modelOf, eve: { developer: 'AUTH_FORBIDDEN' } } as const;
const appOf = ({ app }: Objects): Attack => ({ params: { name: app } });
/** Somebody else's is not there; the network's admin may. */
const notDeployed = { kind: 'owned', eve: { developer: 'NOT_FOUND_DEPLOYMENT' } } as const;
const notIt = 'not the right password';
/** Of a device, an outside login or a claim that nobody has. */
const noCode = { kind: 'own', eve: 'NOT_FOUND', ada: 'NOT_FOUND' } as const;
const noLogin = { kind: 'none', eve: 'NOT_FOUND', ada: 'NOT_FOUND' } as const;
const noClaim = { kind: 'none', eve: 'AUTH_OUTSIDE_ENDED', ada: 'AUTH_OUTSIDE_ENDED' } as const;
const noEpoch = { kind: 'none', eve: 'NOT_FOUND_EPOCH', ada: 'NOT_FOUND_EPOCH' } as const;
const unknownSecret = 'A'.repeat(43);

/** Each price table has a higher version. */
let tables = 1;

const WALLET = `0x${'1'.repeat(40)}`;
const SIGNATURE = `0x${'1'.repeat(130)}`;
const NO_LINK = {
  networkId: `net_${'0'.repeat(32)}`,
  chainId: 1,
  accountId: 'local',
  wallet: WALLET,
  signature: SIGNATURE,
};
const NO_VOUCHER = { payer: WALLET, cumulativeWei: '1', deadline: 1, signature: SIGNATURE };
const NOT_SIGNED = { payload: '', signature: '' };

/** A rule for each route: a route without one does not compile, and one more fails the test. */
export const OBJECT_RULES: Readonly<Record<RouteName, ObjectRule>> = {
  health: { kind: 'none' },
  getOpenapi: { kind: 'none' },
  jwks: { kind: 'none' },
  getChain: { kind: 'none', eve: 'CHAIN_ABSENT', ada: 'CHAIN_ABSENT' },

  signUp: {
    ...noCredential,
    attack: () => ({ body: { email: ADA, password: PASSWORD, displayName: 'Eve' } }),
  },
  requestReset: { ...noCredential, attack: () => ({ body: { email: ADA } }) },
  verifyEmail: {
    ...noCredential,
    attack: () => ({ body: { token: `riosm_${unknownSecret}` } }),
    eve: 'AUTH_MAIL_TOKEN_INVALID',
    ada: 'AUTH_MAIL_TOKEN_INVALID',
  },
  resetPassword: {
    ...noCredential,
    attack: ({ mailedToken }) => ({ body: { token: mailedToken, password: PASSWORD } }),
    eve: 'AUTH_MAIL_TOKEN_INVALID',
    ada: 'AUTH_MAIL_TOKEN_INVALID',
  },
  login: {
    ...noCredential,
    attack: () => ({ body: { email: ADA, password: notIt, client: 'test' } }),
    eve: 'AUTH_LOGIN_FAILED',
    ada: 'AUTH_LOGIN_FAILED',
  },
  refreshSession: {
    ...noCredential,
    attack: () => ({ body: { refreshToken: `riosr_${unknownSecret}` } }),
    eve: 'AUTH_SESSION_ENDED',
    ada: 'AUTH_SESSION_ENDED',
  },
  setAccountRole: {
    kind: 'network',
    attack: () => ({ body: { email: ADA, role: 'developer' } }),
    ada: 'AUTH_FORBIDDEN',
  },

  logout: { kind: 'own' },
  listSessions: { kind: 'own' },
  revokeSession: { ...notFound, attack: ({ sessionId }) => ({ params: { id: sessionId } }) },
  whoami: { kind: 'own' },
  updateProfile: { kind: 'own', attack: () => ({ body: { displayName: 'Mallory' } }) },
  changePassword: {
    kind: 'own',
    attack: () => ({ body: { password: notIt, newPassword: 'another violet tundra 42' } }),
    eve: 'AUTH_LOGIN_FAILED',
    ada: 'AUTH_LOGIN_FAILED',
  },
  enrolTotp: {
    kind: 'own',
    attack: () => ({ body: { password: notIt } }),
    eve: 'AUTH_LOGIN_FAILED',
    ada: 'AUTH_LOGIN_FAILED',
  },
  confirmTotp: {
    kind: 'own',
    attack: () => ({ body: { code: '123456' } }),
    eve: 'NOT_FOUND',
    ada: 'NOT_FOUND',
  },
  disableTotp: {
    kind: 'own',
    attack: () => ({ body: { password: PASSWORD, code: '123456' } }),
    eve: 'NOT_FOUND',
    ada: 'NOT_FOUND',
  },

  renewRecoveryCodes: {
    kind: 'own',
    attack: () => ({ body: { password: PASSWORD, code: '123456' } }),
    eve: 'NOT_FOUND',
    ada: 'NOT_FOUND',
  },

  createOauthClient: { ...notFound, attack: ({ org }) => ({ body: { name: 'x', scopes: ['status'], org } }) },
  listOauthClients: { kind: 'own' },
  revokeOauthClient: { ...notFound, attack: ({ clientId }) => ({ params: { id: clientId } }) },
  showDevice: { ...noCode, attack: () => ({ body: { userCode: 'BCDF-GHJK' } }) },
  approveDevice: { ...noCode, attack: () => ({ body: { userCode: 'BCDF-GHJK' } }) },

  listOutsideLogins: { kind: 'none' },
  startOutside: { ...noLogin, attack: () => ({ params: { id: 'google' }, body: {} }) },
  outsideCallback: {
    ...noClaim,
    attack: () => ({ params: { id: 'google' }, query: { state: `rioss_${unknownSecret}` } }),
  },
  confirmOutside: { ...noClaim, attack: () => ({ body: Buffer.from('confirm=x') }) },
  completeOutside: { ...noClaim, attack: () => ({ body: { claim: `rioso_${unknownSecret}` } }) },
  linkOutside: { ...noLogin, attack: () => ({ params: { id: 'google' }, body: { password: PASSWORD } }) },
  completeLink: { ...noClaim, attack: () => ({ body: { claim: `rioso_${unknownSecret}` } }) },
  listOutsideIdentities: { kind: 'own' },
  unlinkOutside: { ...notFound, attack: ({ identityId }) => ({ params: { id: identityId } }) },

  createToken: { ...notFound, attack: ({ org }) => ({ body: { name: 'x', scopes: ['status'], org } }) },
  listTokens: { kind: 'own' },
  revokeToken: { ...notFound, attack: ({ tokenId }) => ({ params: { id: tokenId } }) },

  createOrg: {
    kind: 'owned',
    attack: ({ org }) => ({ body: { name: org } }),
    eve: 'CONFLICT_EXISTS',
    ada: 'CONFLICT_EXISTS',
  },
  listOrgs: { kind: 'own' },
  joinOrg: {
    kind: 'owned',
    attack: ({ mailedToken }) => ({ body: { token: mailedToken } }),
    eve: 'AUTH_MAIL_TOKEN_INVALID',
    ada: 'AUTH_MAIL_TOKEN_INVALID',
  },
  inviteMember: { ...notFound, attack: memberOf },
  setMemberRole: { ...notFound, attack: memberOf, ada: 'CONFLICT_LAST_ADMIN' },
  removeMember: {
    ...notFound,
    attack: ({ org }) => ({ params: { name: org }, body: { email: ADA } }),
    ada: 'CONFLICT_LAST_ADMIN',
  },

  listAudit: { kind: 'network', ada: 'AUTH_FORBIDDEN' },
  verifyAudit: { kind: 'network', ada: 'AUTH_FORBIDDEN' },

  getBalance: { kind: 'own' },
  getUsage: { kind: 'own', attack: () => ({ query: { from: 0, to: 10 } }) },
  listBills: { kind: 'own' },
  getInvoice: {
    ...notFound,
    attack: ({ requestId }) => ({ query: { request: requestId } }),
  },
  getReceipts: { ...notFound, attack: ({ requestId }) => ({ params: { id: requestId } }) },
  listBudgets: { kind: 'own' },
  setBudget: { kind: 'own', attack: () => ({ body: { day: '1' } }) },
  listAlerts: { kind: 'own' },
  getPrices: { kind: 'network' },
  setPrices: {
    kind: 'network',
    attack: () => ({ body: { ...DEFAULT_PRICE_TABLE, version: ++tables } }),
    ada: 'AUTH_FORBIDDEN',
  },
  giveCredit: {
    kind: 'network',
    attack: () => ({ body: { email: ADA, amountWei: '1' } }),
    ada: 'AUTH_FORBIDDEN',
  },
  createQuote: {
    kind: 'shared',
    attack: ({ model }) => ({ body: { model, prompt: { kind: 'text', chars: 1 }, maxTokens: 1 } }),
    eve: 'CAPACITY_NO_PLACEMENT',
    ada: 'CAPACITY_NO_PLACEMENT',
  },

  status: { kind: 'network' },
  watchEvents: {
    kind: 'network',
    // a stream without end, refused after authorisation
    attack: () => ({ headers: { 'last-event-id': 'x' } }),
    eve: 'USER_INVALID_REQUEST',
    ada: 'USER_INVALID_REQUEST',
  },
  batch: {
    kind: 'own',
    attack: ({ tokenId }) => ({ body: { calls: [{ method: 'DELETE', path: `/v1/tokens/${tokenId}` }] } }),
  },
  listWorkers: { kind: 'network' },
  getWorker: { kind: 'network', attack: workerOf },
  getEarnings: { kind: 'network', attack: workerOf },
  drainWorker: { kind: 'network', attack: workerOf, ada: 'AUTH_FORBIDDEN' },
  bindWorker: {
    kind: 'network',
    attack: ({ workerId }) => ({ params: { id: workerId }, body: { binding: NOT_SIGNED } }),
    eve: 'CHAIN_ABSENT',
    ada: 'CHAIN_ABSENT',
  },
  unbindWorker: {
    kind: 'network',
    attack: ({ workerId }) => ({
      params: { id: workerId },
      body: { revocation: { by: 'peer', peerId: workerId, signed: NOT_SIGNED } },
    }),
    eve: 'CHAIN_ABSENT',
    ada: 'CHAIN_ABSENT',
  },
  removeWorker: { kind: 'network', attack: workerOf, ada: 'AUTH_FORBIDDEN' },
  listEpochs: { kind: 'none' },
  getEpoch: { ...noEpoch, attack: () => ({ params: { epoch: 1 } }) },
  getEpochReceipts: { ...noEpoch, attack: () => ({ params: { epoch: 1 } }) },
  closeEpoch: { kind: 'network', eve: { admin: 'SERVICE_UNAVAILABLE' }, ada: 'AUTH_FORBIDDEN' },
  getRewards: {
    kind: 'none',
    attack: () => ({ params: { address: `0x${'1'.repeat(40)}` } }),
    eve: 'NOT_FOUND_REWARDS',
    ada: 'NOT_FOUND_REWARDS',
  },
  getStatistics: { kind: 'none' },
  getFunds: { kind: 'own' },
  linkWallet: {
    kind: 'own',
    attack: () => ({ body: NO_LINK }),
    eve: 'CHAIN_ABSENT',
    ada: 'CHAIN_ABSENT',
  },
  addVoucher: {
    kind: 'own',
    attack: () => ({ body: NO_VOUCHER }),
    eve: 'CHAIN_ABSENT',
    ada: 'CHAIN_ABSENT',
  },
  getSettlement: { kind: 'none' },

  createInvite: { kind: 'network', attack: () => ({ body: {} }), ada: 'AUTH_FORBIDDEN' },
  listInvites: { kind: 'network', ada: 'AUTH_FORBIDDEN' },
  revokeInvite: {
    kind: 'network',
    attack: ({ inviteId }) => ({ params: { id: inviteId } }),
    ada: 'AUTH_FORBIDDEN',
  },

  putChunk: {
    kind: 'owned',
    attack: ({ blob }) => ({
      params: { sha256: blob.sha256, index: 0 },
      query: { sizeBytes: blob.bytes.length },
      body: Buffer.alloc(blob.bytes.length, 'x'),
    }),
    eve: 'INTEGRITY_HASH',
  },
  getBlob: {
    kind: 'owned',
    attack: ({ blob }) => ({ params: { sha256: blob.sha256 } }),
    eve: 'NOT_FOUND_BLOB',
  },
  missingChunks: {
    kind: 'own',
    attack: ({ blob }) => ({ body: { blobs: [{ sha256: blob.sha256, sizeBytes: blob.bytes.length }] } }),
  },
  listModels: { kind: 'shared' },
  getModel: { kind: 'shared', attack: modelOf },
  getManifest: { kind: 'shared', attack: modelOf },
  registerModel: {
    kind: 'owned',
    attack: ({ model, manifestBytes }) => ({
      params: { name: model },
      // another manifest of the same form
      body: Buffer.from(Buffer.from(manifestBytes).toString().replace('"maxAbs":', '"maxAbs":1')),
    }),
    eve: 'CONFLICT_EXISTS',
    ada: 'CONFLICT_EXISTS',
  },
  placeModel: { ...changeModel, attack: ({ model }) => ({ params: { name: model }, body: {} }) },
  unloadModel: changeModel,
  removeModel: changeModel,
  planDeployment: { kind: 'own', attack: () => ({ body: { name: 'other', spec: anAppSpec() } }) },
  listDeployments: { kind: 'own' },
  getDeployment: { ...notDeployed, attack: appOf },
  deploy: {
    kind: 'owned',
    attack: ({ app }) => ({ params: { name: app }, body: { spec: anAppSpec() } }),
    eve: { developer: 'CONFLICT_EXISTS' },
  },
  scaleDeployment: {
    ...notDeployed,
    attack: ({ app }) => ({ params: { name: app }, body: { replicas: 2 } }),
  },
  restartDeployment: { ...notDeployed, attack: appOf },
  stopDeployment: { ...notDeployed, attack: appOf },
  rollbackDeployment: {
    ...notDeployed,
    attack: ({ app }) => ({ params: { name: app }, body: { release: 1 } }),
  },
  deleteDeployment: { ...notDeployed, attack: appOf },
  listReleases: { ...notDeployed, attack: appOf },
  deploymentEvents: { ...notDeployed, attack: appOf },
  deploymentLogs: {
    kind: 'owned',
    attack: ({ app, replicaId }) => ({ params: { name: app }, query: { replica: replicaId } }),
    eve: { developer: 'NOT_FOUND_DEPLOYMENT', admin: 'NOT_FOUND_WORKER' },
    ada: 'NOT_FOUND_WORKER',
  },
  execInDeployment: {
    kind: 'owned',
    attack: ({ app, replicaId }) => ({
      params: { name: app },
      body: { command: ['id'], replica: replicaId },
    }),
    eve: { developer: 'NOT_FOUND_DEPLOYMENT', admin: 'NOT_FOUND_WORKER' },
    ada: 'NOT_FOUND_WORKER',
  },
  deploymentMetrics: { ...notDeployed, attack: appOf },
  listSecrets: { kind: 'own' },
  setSecret: {
    kind: 'own',
    attack: ({ secret }) => ({ params: { name: secret }, body: { value: 'of Eve' } }),
  },
  removeSecret: {
    kind: 'owned',
    attack: ({ secret }) => ({ params: { name: secret } }),
    eve: 'NOT_FOUND_SECRET',
  },
  createCompletion: {
    kind: 'shared',
    attack: ({ model }) => ({ body: { model, prompt: 'x' } }),
    eve: 'CAPACITY_NO_PLACEMENT',
    ada: 'CAPACITY_NO_PLACEMENT',
  },
  createChatCompletion: {
    kind: 'shared',
    attack: ({ model }) => ({ body: { model, messages: [{ role: 'user', content: 'x' }] } }),
    eve: 'CAPACITY_NO_PLACEMENT',
    ada: 'CAPACITY_NO_PLACEMENT',
  },
  explainRoute: { ...notFound, attack: ({ requestId }) => ({ params: { id: requestId } }) },
};
