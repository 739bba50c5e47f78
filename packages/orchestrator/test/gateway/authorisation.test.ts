import { ROLES, type Role } from '@rios/sdk/api/roles';
import { type AnyRoute, SCOPES, type TokenScope } from '@rios/sdk/api/route';
import { type RouteName, routes } from '@rios/sdk/api/routes';
import { expect } from 'chai';
import { ask, type SmallGateway, startGateway } from '../support/small-gateway.ts';

/** Who may call what, written down once more, by hand: a new route stands here too, or the test fails. */
const PUBLIC: readonly string[] = [
  'health',
  'getOpenapi',
  'jwks',
  'signUp',
  'verifyEmail',
  'requestReset',
  'resetPassword',
  'login',
  'refreshSession',
  'listOutsideLogins',
  'startOutside',
  'outsideCallback',
  'confirmOutside',
  'completeOutside',
  'listEpochs',
  'getEpoch',
  'getEpochReceipts',
  'getRewards',
  'getStatistics',
];
const MATRIX: Readonly<Record<string, readonly Role[] | undefined>> = {
  status: ROLES,
  getChain: ROLES,
  watchEvents: ROLES,
  batch: ROLES,
  listWorkers: ROLES,
  getWorker: ROLES,
  getEarnings: ROLES,
  drainWorker: ['admin'],
  bindWorker: ROLES,
  unbindWorker: ROLES,
  removeWorker: ['admin'],
  createInvite: ['admin'],
  listInvites: ['admin'],
  revokeInvite: ['admin'],
  putChunk: ['admin', 'developer'],
  getBlob: ['admin', 'developer'],
  missingChunks: ['admin', 'developer'],
  listModels: ['admin', 'developer'],
  registerModel: ['admin', 'developer'],
  getModel: ['admin', 'developer'],
  getManifest: ['admin', 'developer'],
  removeModel: ['admin', 'developer'],
  placeModel: ['admin', 'developer'],
  unloadModel: ['admin', 'developer'],
  createCompletion: ['admin', 'developer'],
  createChatCompletion: ['admin', 'developer'],
  explainRoute: ['admin', 'developer'],
  planDeployment: ['admin', 'developer'],
  listDeployments: ['admin', 'developer'],
  getDeployment: ['admin', 'developer'],
  deploy: ['admin', 'developer'],
  scaleDeployment: ['admin', 'developer'],
  restartDeployment: ['admin', 'developer'],
  stopDeployment: ['admin', 'developer'],
  rollbackDeployment: ['admin', 'developer'],
  deleteDeployment: ['admin', 'developer'],
  listReleases: ['admin', 'developer'],
  deploymentEvents: ['admin', 'developer'],
  deploymentLogs: ['admin', 'developer'],
  execInDeployment: ['admin', 'developer'],
  deploymentMetrics: ['admin', 'developer'],
  listSecrets: ['admin', 'developer'],
  setSecret: ['admin', 'developer'],
  removeSecret: ['admin', 'developer'],
  setAccountRole: ['admin'],
  logout: ROLES,
  listSessions: ROLES,
  revokeSession: ROLES,
  whoami: ROLES,
  updateProfile: ROLES,
  changePassword: ROLES,
  enrolTotp: ROLES,
  confirmTotp: ROLES,
  disableTotp: ROLES,
  renewRecoveryCodes: ROLES,
  linkOutside: ROLES,
  completeLink: ROLES,
  listOutsideIdentities: ROLES,
  unlinkOutside: ROLES,
  createToken: ROLES,
  listTokens: ROLES,
  revokeToken: ROLES,
  createOauthClient: ROLES,
  listOauthClients: ROLES,
  revokeOauthClient: ROLES,
  showDevice: ROLES,
  approveDevice: ROLES,
  createOrg: ROLES,
  listOrgs: ROLES,
  joinOrg: ROLES,
  inviteMember: ROLES,
  setMemberRole: ROLES,
  removeMember: ROLES,
  getBalance: ROLES,
  getUsage: ROLES,
  listBills: ROLES,
  getInvoice: ROLES,
  getReceipts: ROLES,
  listBudgets: ROLES,
  setBudget: ROLES,
  listAlerts: ROLES,
  getPrices: ROLES,
  setPrices: ['admin'],
  giveCredit: ['admin'],
  createQuote: ['admin', 'developer'],
  getFunds: ROLES,
  linkWallet: ROLES,
  addVoucher: ROLES,
  getSettlement: ROLES,
  closeEpoch: ['admin'],
  listAudit: ['admin'],
  verifyAudit: ['admin'],
};

/** Tokens read `<role>.<scope>,<scope>`. */
const tokenOf = (role: Role, scopes: readonly TokenScope[]) => `${role}.${scopes.join(',')}`;

describe('authorisation matrix', () => {
  let gateway: SmallGateway;
  before(async () => {
    gateway = await startGateway(
      {},
      {
        findCaller: async (token) => {
          const [role, scopes = ''] = token.split('.');
          const known = ROLES.find((one) => one === role);
          if (known === undefined) return undefined;
          const given = SCOPES.filter((scope) => scopes.split(',').includes(scope));
          return {
            accountId: 'acc_0000000001',
            name: 'x',
            role: known,
            scopes: new Set(given),
            blobQuotaBytes: 0,
          };
        },
      },
    );
  });
  after(() => gateway.stop());
  /** The code of the refusal; anything else means that the call got past authorisation. */
  const outcome = async (name: RouteName, token: string | null): Promise<string> => {
    const { method, path } = routes[name];
    const filled = path.replace(/:[A-Za-z0-9]+/g, 'x');
    // refused after authorisation, so that a stream without end does not begin
    const headers = { 'last-event-id': 'x' };
    const { status, text } = await ask(gateway.url, filled, { method, token, headers });
    if (status === 401 || status === 403) return String(JSON.parse(text).error.code);
    return 'passed';
  };
  const names = Object.keys(routes) as RouteName[];

  it('default: each role, with a token of all scopes, may call what the table says and nothing else', async () => {
    for (const name of names.filter((one) => one in MATRIX)) {
      for (const role of ROLES) {
        const expected = MATRIX[name]?.includes(role) ? 'passed' : 'AUTH_FORBIDDEN';
        expect(await outcome(name, tokenOf(role, SCOPES)), `${role} ${name}`).to.equal(expected);
      }
    }
  });

  it('behaviour: each role with each single scope may do what both have', async () => {
    for (const name of names) {
      const { scope, orScope }: Pick<AnyRoute, 'scope' | 'orScope'> = routes[name];
      for (const role of ROLES) {
        for (const held of SCOPES) {
          const open = scope === 'public' || scope === 'any';
          const roleHas =
            MATRIX[name]?.includes(role) ?? (await outcome(name, tokenOf(role, SCOPES))) === 'passed';
          const isHeld = held === scope || held === orScope;
          const expected = open || (isHeld && roleHas) ? 'passed' : 'AUTH_FORBIDDEN';
          expect(await outcome(name, tokenOf(role, [held])), `${role} with ${held}: ${name}`).to.equal(
            expected,
          );
        }
      }
    }
  });

  it('behaviour: without a token, with an unknown one, or of an unknown role: public routes only', async () => {
    for (const name of names) {
      const expected = routes[name].scope === 'public' ? 'passed' : 'AUTH_REQUIRED';
      for (const token of [null, 'unknown', 'root.models']) {
        expect(await outcome(name, token), `${token} ${name}`).to.equal(expected);
      }
    }
  });

  it('behaviour: a token without scopes may do nothing that needs one', async () => {
    for (const name of names.filter((one) => !['public', 'any'].includes(routes[one].scope))) {
      expect(await outcome(name, tokenOf('admin', [])), name).to.equal('AUTH_FORBIDDEN');
    }
  });

  it('behaviour: every route of the API stands in this table, and nothing else', () => {
    expect([...PUBLIC, ...Object.keys(MATRIX)].toSorted()).to.deep.equal(names.toSorted());
    for (const name of PUBLIC) expect(routes[name as RouteName].scope, name).to.equal('public');
  });
});
