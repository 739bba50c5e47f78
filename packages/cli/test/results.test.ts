import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLI_EVENTS, CLI_RESULTS } from '@rios/sdk/schema/cli-results';
import { expect } from 'chai';
import { whoamiView } from './support/account-server.ts';
import { type ApiServer, sendJson, startApiServer } from './support/api-server.ts';
import { checkedCommands } from './support/check-result.ts';
import { runCli, temporaryDirectory } from './support/run-cli.ts';
import { modelView, PEERS, statusView, workerView } from './support/views.ts';

const TINY_MOE = fileURLToPath(new URL('../../../examples/models/tiny-moe', import.meta.url));

/** Commands whose output is checked where they have what they need: a server's answers, processes, a GPU. */
const ELSEWHERE: readonly string[] = [
  'account:password',
  'account:reset',
  'account:reset:confirm',
  'account:show',
  'account:update',
  'account:verify',
  'api',
  'audit',
  'auth:audit:list',
  'auth:audit:verify',
  'auth:outside:link',
  'auth:outside:list',
  'auth:outside:unlink',
  'auth:session:list',
  'auth:session:revoke',
  'auth:token:create',
  'auth:token:list',
  'auth:token:revoke',
  'auth:totp:confirm',
  'auth:totp:disable',
  'auth:totp:enable',
  'auth:totp:recovery-codes',
  'bench:gpu',
  'billing:alerts',
  'billing:budget:set',
  'billing:budget:show',
  'billing:credit',
  'billing:history',
  'billing:invoice',
  'billing:pay',
  'billing:prices',
  'billing:usage',
  'deploy',
  'deployment:delete',
  'deployment:describe',
  'deployment:events',
  'deployment:exec',
  'deployment:list',
  'deployment:logs',
  'deployment:metrics',
  'deployment:open',
  'deployment:plan',
  'deployment:releases',
  'deployment:restart',
  'deployment:rollback',
  'deployment:scale',
  'deployment:status',
  'deployment:stop',
  'deployment:update',
  'dev',
  'dev:reset',
  'dev:time',
  'epoch:close',
  'epoch:list',
  'epoch:receipts',
  'epoch:show',
  'init',
  'login',
  'logout',
  'model:pull',
  'model:push',
  'model:verify',
  'orchestrator:backup',
  'orchestrator:restore',
  'orchestrator:rotate-key',
  'orchestrator:start',
  'orchestrator:stop',
  'org:add',
  'org:create',
  'org:join',
  'org:list',
  'org:members',
  'org:remove',
  'org:role',
  'quote',
  'receipt:show',
  'receipt:verify',
  'run',
  'secret:list',
  'secret:remove',
  'secret:set',
  'signup',
  'stake:add',
  'stake:payout',
  'stake:status',
  'stake:unbond',
  'stake:withdraw',
  'wallet:balance',
  'wallet:bump',
  'wallet:claim',
  'wallet:deposit',
  'wallet:faucet',
  'wallet:history',
  'wallet:link',
  'wallet:send',
  'wallet:session:create',
  'wallet:session:list',
  'wallet:session:revoke',
  'wallet:stake',
  'wallet:unstake',
  'wallet:withdraw',
  'worker:logs',
  'worker:register',
  'worker:start',
  'worker:status',
  'worker:stop',
  'worker:unregister',
];

const invite = {
  id: 'inv_0123456789',
  state: 'open',
  createdAt: 1,
  expiresAt: 2,
  maxUses: 1,
  usedBy: [],
};

const explanation = {
  requestId: 'req_0123456789',
  model: 'tiny',
  at: 1,
  state: 'succeeded',
  error: null,
  shape: 'replica',
  reason: 'fits one worker',
  rejected: [],
  stages: [],
  shares: [],
  usage: null,
  ttftMs: null,
  totalMs: null,
};

const program = {
  id: 'app_0123456789',
  name: 'ci',
  kind: 'secret',
  accountId: 'acc_0123456789',
  scopes: ['status'],
  redirectUris: [],
  createdAt: 1,
  expiresAt: 2,
  lastUsedAt: null,
  state: 'expired',
};
const earnings = { worker: workerView().id, unsettledWei: '0', earnings: [], next: null };
const device = { clientName: 'RiOS command line', scopes: ['status'], address: '127.0.0.1', expiresAt: 2 };

describe('results', () => {
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  let server: ApiServer;
  const words: string[][] = [];
  let last = '';
  before(async () => {
    place = await temporaryDirectory();
    server = await startApiServer({
      health: (_, response) => sendJson(response, { ok: true }),
      status: (_, response) => sendJson(response, statusView()),
      whoami: (_, response) => sendJson(response, whoamiView()),
      listWorkers: (_, response) => sendJson(response, { workers: [workerView()] }),
      getWorker: (_, response) => sendJson(response, workerView()),
      getEarnings: (_, response) => sendJson(response, earnings),
      drainWorker: (_, response) => sendJson(response, workerView({ state: 'draining' })),
      getModel: (_, response) => sendJson(response, modelView()),
      placeModel: (_, response) => sendJson(response, modelView()),
      unloadModel: (_, response) => sendJson(response, modelView({ state: 'stored' })),
      removeModel: (_, response) => sendJson(response, { ok: true }),
      createInvite: (_, response) => sendJson(response, { invite: 'rios-invite', view: invite }),
      listInvites: (_, response) => sendJson(response, { invites: [invite] }),
      revokeInvite: (_, response) => sendJson(response, { ...invite, state: 'revoked' }),
      explainRoute: (_, response) => sendJson(response, explanation),
      createOauthClient: (_, response) =>
        sendJson(response, { secret: `riosk_${'a'.repeat(43)}`, view: program }),
      listOauthClients: (_, response) => sendJson(response, { clients: [program] }),
      revokeOauthClient: (_, response) => sendJson(response, { ...program, state: 'revoked' }),
      showDevice: (_, response) => sendJson(response, device),
      approveDevice: (_, response) => sendJson(response, device),
    });
  });
  after(async () => {
    await server.close();
    await place.remove();
  });

  /** Runs them in order; the support checks what each prints against its schema. */
  async function run(
    commands: readonly (readonly string[])[],
    env: Record<string, string> = {},
  ): Promise<void> {
    for (const args of commands) {
      words.push([...args]);
      const result = await runCli([...args, '--json'], {
        env: { ...server.env, RIOS_HOME: place.path, ...env },
      });
      expect(result.code, `${args.join(' ')}: ${result.stdout}${result.stderr}`).to.equal(0);
      expect(result.stdout.trim().split('\n'), args.join(' ')).to.have.length(1);
      last = result.stdout;
    }
  }

  it('default: commands that ask the orchestrator', async () => {
    await run([
      ['status'],
      ['whoami'],
      ['auth', 'client', 'create', 'ci', '--scope', 'status'],
      ['auth', 'client', 'list'],
      ['auth', 'client', 'revoke', program.id],
      ['auth', 'device', 'approve', 'BCDF-GHJK', '--yes'],
      ['worker', 'list'],
      ['worker', 'describe', PEERS[0]],
      ['worker', 'earnings', PEERS[0]],
      ['worker', 'drain', PEERS[0]],
      ['model', 'list'],
      ['model', 'place', 'tiny'],
      ['model', 'unload', 'tiny'],
      ['model', 'remove', 'tiny', '--yes'],
      ['network', 'invite', 'create'],
      ['network', 'invite', 'list'],
      ['network', 'invite', 'revoke', 'inv_0123456789'],
      ['route', 'explain', 'req_0123456789'],
      ['doctor'],
    ]);
  }).timeout(60_000);

  it('behaviour: commands of this machine', async () => {
    const bundle = join(place.path, 'bundle');
    await run([
      ['version'],
      ['context', 'create', 'lab', '--api-url', 'http://127.0.0.1:1'],
      ['context', 'use', 'lab'],
      ['context', 'list'],
      ['context', 'show'],
      ['config', 'set', 'keystore', 'file'],
      ['config', 'get'],
      ['config', 'list'],
      ['config', 'unset', 'keystore'],
      ['config', 'path'],
      ['context', 'delete', 'lab'],
      ['model', 'split', TINY_MOE, '--out', bundle],
      ['model', 'inspect', bundle],
    ]);
  }).timeout(60_000);

  it('behaviour: commands of wallets', async () => {
    const password = join(place.path, 'password');
    await writeFile(password, 'correct horse battery', { mode: 0o600 });
    const env = { RIOS_WALLET_PASSWORD_FILE: password };
    await run([['wallet', 'create']], env);
    const exported = join(place.path, 'main.json');
    const { address } = JSON.parse(last) as { address: string };
    await run([['wallet', 'sign', 'hello']], env);
    const { signature } = JSON.parse(last) as { signature: string };
    await run(
      [
        ['wallet', 'verify', 'hello', '--address', address, '--signature', signature],
        ['wallet', 'address'],
        ['wallet', 'list'],
        ['wallet', 'use', 'main'],
        ['wallet', 'export', 'main', '--confirm', 'main', '--out', exported],
        ['wallet', 'remove', 'main', '--confirm', 'main'],
        ['wallet', 'import', '--keystore', exported],
      ],
      env,
    );
  }).timeout(60_000);

  it('behaviour: no command is left out', () => {
    const all = [...Object.keys(CLI_RESULTS), ...Object.keys(CLI_EVENTS)];
    const here = all.filter((id) => !ELSEWHERE.includes(id));
    const ran = new Set(words.flatMap((args) => [1, 2, 3].map((count) => args.slice(0, count).join(':'))));

    expect(here.filter((id) => !ran.has(id) || !checkedCommands.has(id))).to.deep.equal([]);
    expect(ELSEWHERE.filter((id) => !all.includes(id))).to.deep.equal([]);
  });
});
