import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@rios/sdk/api/client';
import { formatChainFile, parseChainFile } from '@rios/sdk/chain/chain-file';
import type { ModelView, StatusView, WorkerView } from '@rios/sdk/schema/api';
import {
  type Registration,
  STAKE_RESULTS,
  type StakeReport,
  type StakeView,
  type Unregistration,
} from '@rios/sdk/schema/stake-results';
import { expect } from 'chai';
import { startOrchestrator, startWorker } from '../support/devnet.ts';
import { type LineProcess, startProcess } from '../support/line-process.ts';
import { RIOS_ORCHESTRATOR, rios, riosError, riosJson } from '../support/rios.ts';
import { startRpcProxy } from '../support/rpc-proxy.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { tinyMoeBundle } from '../support/tiny-moe.ts';
import { until } from '../support/until.ts';

const ROS = 10n ** 18n;
const TIMEOUT_MS = 60_000;
const SCHEMAS: Readonly<Record<string, { parse(value: unknown): unknown } | undefined>> = STAKE_RESULTS;
const wei = (ros: bigint) => String(ros * ROS);

describe('a worker’s registration and stake, by real processes', function () {
  this.timeout(180_000);
  let folder: string;
  let chain: LineProcess;
  let orchestrator: LineProcess;
  let worker: LineProcess;
  let env: NodeJS.ProcessEnv;
  let invite: string;
  let address: string;
  let peerId: string;
  const place = (name: string) => join(folder, name);
  const startChain = () =>
    startProcess(RIOS_ORCHESTRATOR, ['chain', '--data-dir', place('chain'), '--port', '0']);
  const json = async <T>(...args: string[]) => {
    const result = await riosJson<T>([...args, '--yes'], { env, timeoutMs: TIMEOUT_MS });
    const [topic, verb] = args;
    const schema = SCHEMAS[`${topic}:${verb === 'init' ? 'register' : verb}`];
    if (schema !== undefined) expect(schema.parse(result)).to.deep.equal(result);
    return result;
  };
  const error = (...args: string[]) => riosError([...args, '--yes'], { env, timeoutMs: TIMEOUT_MS });
  const ofWorker = () => ['--data-dir', place('worker')];
  const view = async () => (await json<{ workers: WorkerView[] }>('worker', 'list')).workers[0];
  const whenSeen = (what: string, stakeWei: string | null) =>
    until(what, async () => {
      const found = await view();
      return found !== undefined && found.stakeWei === stakeWei ? found : undefined;
    });
  const connectWorker = async () => {
    worker = startWorker(place('worker'), invite, ['--name', 'w1']);
    const ready = await worker.waitFor('ready');
    return String(ready.peerId);
  };

  before(async () => {
    folder = await createTempFolder();
    chain = startChain();
    await chain.waitFor('ready');
    orchestrator = startOrchestrator(place('orchestrator'), [
      '--chain-file',
      join(place('chain'), 'chain.json'),
    ]);
    const ready = await orchestrator.waitFor('ready');
    const apiUrl = String(ready.apiUrl);
    const token = (await readFile(String(ready.tokenFile), 'utf8')).trim();
    const password = place('password');
    await writeFile(password, `${randomBytes(18).toString('base64')}\n`, { mode: 0o600 });
    env = {
      RIOS_HOME: place('home'),
      RIOS_API_URL: apiUrl,
      RIOS_API_TOKEN: token,
      RIOS_KEYSTORE: 'file',
      RIOS_WALLET_PASSWORD_FILE: password,
      RIOS_CHAIN_FILE: '',
      RIOS_RPC_URL: '',
    };
    const client = createClient({ apiUrl, token });
    ({ invite } = await client.createInvite({ body: { ttlMs: 600_000, maxUses: 1 } }));
    ({ address } = await json<{ address: string }>('wallet', 'create', '--name', 'operator'));
    await json('wallet', 'faucet', '--amount', '100');
  });
  after(async () => {
    await Promise.all([worker?.stop(), orchestrator?.stop(), chain?.stop()]);
    await removeFolder(folder);
  });

  it('default: registered and staked before it ever ran, a worker shows its wallet by its hello', async () => {
    const done = await json<Registration>('worker', 'register', ...ofWorker(), '--stake', '10');
    expect(done.did).to.deep.equal(['registered', 'staked']);
    expect(done.stake).to.deep.include({ operator: address, payout: address, stakeWei: wei(10n) });
    expect(done.told.isKnown, 'nobody knows the worker yet').to.equal(false);

    peerId = await connectWorker();
    const seen = await whenSeen('the stake is a fact', wei(10n));

    expect(peerId).to.equal(done.stake.worker);
    expect(seen?.wallet).to.include({ address, sequence: done.sequence });
    const { stdout } = await rios(['worker', 'list'], { env, timeoutMs: TIMEOUT_MS });
    expect(stdout).to.match(/w1 .* 10 ROS /);
    const status = await json<StatusView>('status');
    expect(status.events.map(({ kind }) => kind)).to.include.members(['worker.bound', 'worker.staked']);
  });

  it('behaviour: registering again sends nothing that is done, and renews the binding at once', async () => {
    const before = (await view())?.wallet?.sequence ?? 0;
    const done = await json<Registration>('worker', 'init', ...ofWorker());

    expect(done.did).to.deep.equal([]);
    expect(done.told).to.deep.equal({ isKnown: true, reason: null });
    expect(done.sequence).to.be.greaterThan(before);
    expect((await view())?.wallet?.sequence).to.equal(done.sequence);
  });

  it('behaviour: stake added, by name, and taken out after its time, is seen on the way', async () => {
    const added = await json<StakeReport>('stake', 'add', '5', '--worker', 'w1');
    expect(added.stake.stakeWei).to.equal(wei(15n));
    await whenSeen('what was added is seen', wei(15n));

    const asked = await json<StakeReport>('wallet', 'unstake', '6', '--worker', 'w1');
    expect(asked.did).to.deep.equal(['unbonded']);
    expect(asked.stake.unbonding?.amountWei).to.equal(wei(6n));
    await whenSeen('what unbonds is at stake no more', wei(9n));

    const early = await error('stake', 'withdraw', '--worker', 'w1');
    expect(early).to.include({ code: 'CHAIN_REVERTED' });
    expect(early.details).to.deep.include({ readyAt: asked.stake.unbonding?.readyAt });
    await json('dev', 'time', '--advance', '8d');
    const paid = await json<StakeReport>('wallet', 'unstake', '--worker', 'w1');
    expect(paid.did).to.deep.equal(['withdrawn']);
    expect(paid.stake).to.deep.include({ stakeWei: wei(9n), unbonding: null });
    const { rosWei } = await json<{ rosWei: string }>('wallet', 'balance');
    expect(rosWei).to.equal(wei(91n));
  });

  it('behaviour: a model is placed by least stake, and those with less are told so', async () => {
    await json('model', 'push', await tinyMoeBundle(), '--name', 'tiny-moe');
    const refused = await error('model', 'place', 'tiny-moe', '--min-stake', '9.000000000000000001');
    expect(refused.code).to.equal('CAPACITY_NO_WORKERS');
    expect(JSON.stringify(refused.details)).to.include('at stake are asked for; it has 9 ROS');
    const placed = await json<ModelView>('model', 'place', 'tiny-moe', '--min-stake', '9');
    expect(placed.placement?.stages.map(({ workerId }) => workerId)).to.deep.equal([peerId]);

    await json('wallet', 'unstake', '1', '--worker', 'w1');
    await until('it leaves the worker whose stake fell', async () => {
      const { models } = await json<StatusView>('status');
      return models.find(({ state, reason }) => state === 'failed' && reason.includes('none usable'));
    });
    await json('model', 'remove', 'tiny-moe');
    await json('wallet', 'stake', '1', '--worker', 'w1');
    await whenSeen('the stake is as before', wei(9n));
  });

  it('behaviour: the payout address is changed, and shown', async () => {
    const payout = '0x00000000000000000000000000000000000000AA';
    const done = await json<StakeReport>('stake', 'payout', payout, '--worker', 'w1');

    expect(done.did).to.deep.equal(['payout changed']);
    const stake = await json<StakeView>('stake', 'status', '--worker', 'w1');
    expect(stake.payout?.toLowerCase()).to.equal(payout.toLowerCase());
  });

  it('error QUOTA_BALANCE, USER_INVALID_REQUEST, NOT_FOUND_WORKER: amounts and workers that are not there', async () => {
    const more = await error('wallet', 'stake', '1000', '--worker', 'w1');
    expect(more).to.include({ code: 'QUOTA_BALANCE' });
    expect(more.details).to.deep.include({ missingWei: wei(910n) });
    expect(await error('wallet', 'unstake', '10', '--worker', 'w1')).to.include({ code: 'QUOTA_BALANCE' });
    expect(await error('wallet', 'stake', '0', '--worker', 'w1')).to.include({
      code: 'USER_INVALID_REQUEST',
    });
    expect(await error('wallet', 'stake', '0.0000000000000000001')).to.include({
      code: 'USER_INVALID_REQUEST',
    });
    expect(await error('wallet', 'stake', '1', '--worker', 'w9')).to.include({ code: 'NOT_FOUND_WORKER' });
    const stranger = '12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq';
    expect(await error('wallet', 'stake', '1', '--worker', stranger)).to.include({
      code: 'NOT_FOUND_WORKER',
    });
    expect(await error('stake', 'status', '--data-dir', place('nowhere'))).to.include({
      code: 'NOT_FOUND_WORKER',
    });
  });

  it('behaviour: any RPC of the chain will do; error CHAIN_WRONG_ID, CHAIN_UNSUPPORTED: another chain will not', async () => {
    const chainFile = join(place('chain'), 'chain.json');
    const file = parseChainFile(await readFile(chainFile, 'utf8'), chainFile);
    const proxy = await startRpcProxy(file.rpcUrl);
    const other = place('other-chain.json');
    try {
      const by = ['--worker', peerId, '--chain-file', chainFile, '--rpc-url', proxy.url];
      const done = await json<StakeReport>('stake', 'add', '0.5', ...by);
      expect(done.stake.stakeWei).to.equal(String(95n * 10n ** 17n));
      expect(proxy.calls.map(({ method }) => method)).to.include('eth_sendRawTransaction');
      await json('stake', 'unbond', '0.5', ...by);

      await writeFile(other, formatChainFile({ ...file, chainId: 1 }));
      const wrong = ['--worker', peerId, '--chain-file', other];
      expect(await error('stake', 'add', '1', ...wrong)).to.include({ code: 'CHAIN_WRONG_ID' });
      const nowhere = { ...file.addresses, registry: `0x${'9'.repeat(40)}` };
      await writeFile(other, formatChainFile({ ...file, addresses: nowhere }));
      expect(await error('stake', 'add', '1', ...wrong)).to.include({ code: 'CHAIN_UNSUPPORTED' });
    } finally {
      await proxy.stop();
    }
  });

  it('error AUTH_BINDING: an old binding that is said again is refused and told; the worker is listed', async () => {
    const file = join(place('worker'), 'wallet-binding.json');
    const old = await readFile(file, 'utf8');
    await json('worker', 'register', ...ofWorker());
    await worker.stop();
    const stale = place('stale.json');
    await writeFile(stale, old);
    worker = startWorker(place('worker'), undefined, ['--name', 'w1', '--wallet-binding', stale]);
    await worker.waitFor('ready');

    const refusal = await until('the refusal is told', async () => {
      const { events } = await json<StatusView>('status');
      return events.find(({ kind }) => kind === 'binding.refused');
    });
    expect(refusal?.subject).to.equal(peerId);
    expect(refusal?.message).to.include('a newer binding');
    expect((await view())?.state).to.equal('listed');
  });

  it('behaviour: the chain goes away and comes back elsewhere: the last stake counts, then the new one', async () => {
    await chain.kill('SIGKILL');
    const known = await view();
    expect(known?.stakeWei).to.equal(wei(9n));
    expect(await error('wallet', 'balance'))
      .to.have.property('code')
      .that.matches(/^CHAIN_/);

    chain = startChain();
    await chain.waitFor('ready');
    await json('wallet', 'stake', '1', '--worker', 'w1');
    await whenSeen('the new stake is read', wei(10n));
  });

  it('behaviour: revoked by the worker, then bound anew, then revoked by the wallet', async () => {
    const revoked = await json<Unregistration>('worker', 'unregister', ...ofWorker());
    expect(revoked).to.include({ worker: peerId, wallet: address });
    expect(await view()).to.include({ wallet: null, stakeWei: null });

    await json('worker', 'register', ...ofWorker());
    await whenSeen('it is bound anew', wei(10n));
    await json('worker', 'unregister', '--worker', peerId);
    expect(await view()).to.include({ wallet: null, stakeWei: null });
    const bonded = await error('worker', 'unregister', ...ofWorker(), '--deregister');
    expect(bonded).to.include({ code: 'CHAIN_REVERTED' });
  });

  it('error CHAIN_ABSENT: without a chain a wallet cannot be bound, and nothing else is missed', async () => {
    const alone = startOrchestrator(place('alone'));
    try {
      const ready = await alone.waitFor('ready');
      const token = (await readFile(String(ready.tokenFile), 'utf8')).trim();
      const there = { ...env, RIOS_API_URL: String(ready.apiUrl), RIOS_API_TOKEN: token };
      const failed = await riosError(['worker', 'register', ...ofWorker(), '--yes'], { env: there });
      expect(failed).to.include({ code: 'CHAIN_ABSENT' });
      expect((await riosJson<StatusView>(['status'], { env: there })).workers).to.deep.equal([]);
    } finally {
      await alone.stop();
    }
  });
});
