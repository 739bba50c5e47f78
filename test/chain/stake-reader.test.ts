import { signPeerBinding, signWalletBinding } from '@rios/sdk/chain/binding';
import type { ChainFile } from '@rios/sdk/chain/chain-file';
import { systemClock } from '@rios/sdk/clock';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { type Log, silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import { Wallet } from 'ethers';
import { createChainAccess } from '../../packages/orchestrator/src/chain/create-chain-access.ts';
import { createStakeReader, type StakeReader } from '../../packages/orchestrator/src/chain/stake-reader.ts';
import {
  createWalletBindings,
  type WalletBindings,
} from '../../packages/orchestrator/src/chain/wallet-bindings.ts';
import { listEvents } from '../../packages/orchestrator/src/store/events.ts';
import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import { createMember } from '../contract-suites/store-builders.ts';
import { type RpcProxy, startRpcProxy } from '../support/rpc-proxy.ts';
import { until } from '../support/until.ts';
import { type StakeChain, startStakeChain } from './stake-chain.ts';

const ROS = 10n ** 18n;
const NETWORK = `net_${'1'.repeat(32)}`;
const WORKER = createIdentity(new Uint8Array(32).fill(1));
const { peerId } = WORKER;

/** Four words of 32 bytes, as the registry answers. */
const wordsOf = (...values: bigint[]) =>
  `0x${values.map((value) => value.toString(16).padStart(64, '0')).join('')}`;

describe('stake reader on a real dev chain', function () {
  this.timeout(60_000);
  let chain: StakeChain;
  let proxy: RpcProxy;
  let store: Store;
  let bindings: WalletBindings;
  let reader: StakeReader;
  let changes: string[];
  let warned: string[];
  let sequence = 0;

  before(async () => {
    chain = await startStakeChain();
    await chain.register(peerId);
    await chain.stake(peerId, 5n * ROS);
  });
  after(() => chain?.stop());
  beforeEach(async () => {
    proxy = await startRpcProxy(chain.file.rpcUrl);
    store = await createStore({ file: ':memory:' });
    await createMember(store, peerId);
    changes = [];
    warned = [];
    reader = open();
    const access = accessTo();
    bindings = createWalletBindings({
      store,
      clock: systemClock,
      log: silentLog,
      access,
      onChange: reader.wake,
    });
  });
  afterEach(async () => {
    await bindings.stop();
    await reader.stop();
    await store.destroy();
    await proxy.stop();
  });

  const accessTo = (changes: Partial<ChainFile> = {}) => {
    const file = { ...chain.file, ...changes };
    const find = async () => ({ file, rpcUrl: proxy.url });
    return createChainAccess({ find }, { networkId: NETWORK, clock: systemClock, timeoutMs: 300 });
  };
  const open = (access = accessTo()) => {
    const log: Log = { ...silentLog, warn: (_, facts) => warned.push(String(facts?.code)) };
    return createStakeReader({
      store,
      clock: systemClock,
      log,
      access,
      onChange: (why) => changes.push(why),
    });
  };
  const bind = async (wallet = chain.operator) => {
    sequence++;
    const fields = { networkId: NETWORK, chainId: chain.file.chainId, peerId, sequence };
    const binding = await signWalletBinding(wallet, { ...fields, expiresAt: Date.now() + 3_600_000 });
    await bindings.bind(peerId, signPeerBinding(WORKER, binding));
  };
  const whenStake = (what: string, isSo: (stakeWei: bigint | null | undefined) => boolean, of = reader) =>
    until(what, async () => {
      of.wake();
      const fact = of.of(peerId);
      return isSo(fact?.stakeWei) ? fact : undefined;
    });
  const whenRead = async () => {
    await bind();
    await reader.start();
    return whenStake('the stake is read', (wei) => typeof wei === 'bigint');
  };
  const onChain = async () => (await whenRead())?.stakeWei ?? 0n;
  const staked = async () =>
    (await listEvents(store, 100))
      .filter(({ kind }) => kind === 'worker.staked')
      .map(({ message }) => message);

  it('default: what is at stake for a bound worker is a fact, with its time, and an event', async () => {
    const before = Date.now();
    const fact = await whenRead();

    expect(fact?.stakeWei).to.equal(5n * ROS);
    expect(fact?.address).to.equal(chain.operator.address);
    expect(fact?.readAt).to.be.within(before, Date.now());
    expect(changes).to.have.length(1);
    expect((await staked())[0]).to.match(/^5 ROS at stake, of 0x[0-9a-fA-F]{40}, as of block \d+$/);
  });

  it('behaviour: while nobody is bound the RPC is not asked', async () => {
    await reader.start();
    await bind();
    await whenStake('the stake is read', (wei) => typeof wei === 'bigint');
    const other = open();
    await store.deleteFrom('wallet_bindings').execute();
    const asked = proxy.calls.length;
    await until('the first reader sees that nobody is bound', async () => reader.of(peerId) === undefined);
    await other.start();
    await other.stop();

    expect(other.of(peerId)).to.equal(undefined);
    expect(proxy.calls.slice(asked).filter(({ method }) => method === 'eth_call')).to.deep.equal([]);
  });

  it('behaviour: as long as no block comes, stakes are not asked for again', async () => {
    await whenRead();
    const calls = () => proxy.calls.filter(({ method }) => method === 'eth_call').length;
    const heads = () => proxy.calls.filter(({ method }) => method === 'eth_blockNumber').length;
    const [before, head] = [calls(), heads()];
    await until('it has looked twice more', async () => heads() >= head + 2);

    expect(calls()).to.equal(before);
  });

  it('behaviour: what unbonds is at stake no more, and what is slashed is gone', async () => {
    const before = await onChain();
    await chain.unbond(peerId, ROS);
    await whenStake('the unbonding is seen', (wei) => wei === before - ROS);
    await chain.slash(peerId, 2n * ROS);
    await whenStake('the slash is seen', (wei) => wei === before - 3n * ROS);

    expect((await staked())[1]).to.include('1 ROS on its way out');
    expect(changes).to.have.length(3);
  });

  it('behaviour: a stake of another wallet is not the worker’s', async () => {
    await whenRead();
    await bind(Wallet.createRandom());
    const fact = await whenStake('the other wallet counts', (wei) => wei === 0n);

    expect(fact?.address).to.not.equal(chain.operator.address);
  });

  it('behaviour: what was read at one registry does not count at another', async () => {
    await whenRead();
    await reader.stop();
    const addresses = { ...chain.file.addresses, registry: chain.file.addresses.escrow };
    const other = open(accessTo({ addresses }));
    await other.start();

    expect(other.of(peerId)).to.deep.include({ stakeWei: null, readAt: null });
    await other.stop();
  });

  it('behaviour: on a chain that may take blocks back, a stake counts when it lies deep enough', async () => {
    const deep = open(accessTo({ confirmations: 3 }));
    const before = await chain.stakeOf(peerId);
    await chain.mine(3);
    await chain.stake(peerId, ROS);
    await bind();
    await deep.start();
    await whenStake('the deep block is read', (wei) => wei === before, deep);
    await chain.mine(3);
    await whenStake('it lies deep enough', (wei) => wei === before + ROS, deep);
    await deep.stop();
  });

  it('behaviour: where the chain has finalized blocks, those count', async () => {
    proxy.rule = ({ method, params }) => {
      const isFinalized = method === 'eth_getBlockByNumber' && params[0] === 'finalized';
      return isFinalized && !known ? { result: null } : 'pass';
    };
    let known = false;
    const finalized = open(accessTo({ confirmations: 'finalized' }));
    await bind();
    await finalized.start();
    await until('it is told that there is none', async () => warned.length > 0);
    known = true;
    const fact = await whenStake('the finalized block is read', (wei) => typeof wei === 'bigint', finalized);

    expect(warned).to.deep.equal(['CHAIN_UNSUPPORTED']);
    expect(fact?.stakeWei).to.not.equal(0n);
    await finalized.stop();
  });

  it('behaviour: of two orchestrators that read the same change one tells it', async () => {
    const before = await onChain();
    const other = open();
    await other.start();
    await chain.stake(peerId, ROS);
    await whenStake('one sees it', (wei) => wei === before + ROS);
    await whenStake('the other sees it', (wei) => wei === before + ROS, other);

    expect(await staked()).to.have.length(2);
    await other.stop();
  });

  const HOSTILE: readonly [string, (proxy: RpcProxy) => RpcProxy['rule'], string][] = [
    ['hangs', () => () => 'hang', 'CHAIN_TIMEOUT'],
    ['breaks its connections', () => () => 'drop', 'CHAIN_UNREACHABLE'],
    [
      'goes back in its blocks',
      () =>
        ({ method }) =>
          method === 'eth_blockNumber' ? { result: '0x1' } : 'pass',
      'CHAIN_BAD_ANSWER',
    ],
    [
      'tells of more ROS than there are',
      () =>
        ({ method }) => {
          if (method === 'eth_blockNumber') return { result: '0xffffff' };
          return method === 'eth_call' ? { result: wordsOf(1n, 0n, 2n ** 127n, 0n) } : 'pass';
        },
      'CHAIN_BAD_ANSWER',
    ],
    [
      'answers what nobody asked',
      () =>
        ({ method }) =>
          method === 'eth_blockNumber' ? { result: 'a' } : 'pass',
      'CHAIN_BAD_ANSWER',
    ],
  ];
  for (const [what, ruleOf, code] of HOSTILE) {
    it(`error ${code}: while the RPC ${what}, what was last known counts, with its age; then it is read again`, async () => {
      const before = await onChain();
      proxy.rule = ruleOf(proxy);
      await until('it is told', async () => warned.length > 0);
      const known = reader.of(peerId);
      await chain.stake(peerId, ROS);
      const asked = proxy.calls.length;
      await until('it is asked again', async () => {
        reader.wake();
        return proxy.calls.length > asked + 1;
      });

      expect(warned).to.deep.equal([code]);
      expect(reader.of(peerId)).to.deep.equal(known);
      expect(known?.stakeWei).to.equal(before);
      proxy.rule = () => 'pass';
      await whenStake('the newer stake is read', (wei) => wei === before + ROS);
    });
  }

  it('error CHAIN_UNREACHABLE: the RPC is gone when the orchestrator starts: what was stored counts at once', async () => {
    const before = await whenRead();
    await reader.stop();
    proxy.rule = () => 'drop';
    reader = open();
    const startedAt = performance.now();
    await reader.start();

    expect(reader.of(peerId)?.stakeWei).to.equal(before?.stakeWei);
    expect(reader.of(peerId)?.readAt).to.be.at.most(Date.now());
    expect(performance.now() - startedAt, 'nobody waits for the chain').to.be.below(1000);
    await until('it is told', async () => warned.includes('CHAIN_UNREACHABLE'));
  });

  it('error CHAIN_WRONG_ID: another chain answers at the RPC: its stakes are not believed', async () => {
    proxy.rule = ({ method }) => (method === 'eth_chainId' ? { result: '0x1' } : 'pass');
    await bind();
    await reader.start();
    await until('it is told', async () => warned.length > 0);

    expect(warned).to.deep.equal(['CHAIN_WRONG_ID']);
    expect(reader.of(peerId)?.stakeWei).to.equal(null);
  });
});
