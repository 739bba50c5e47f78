import { type HistoryEntry, readHistory } from '@rios/sdk/chain/history';
import { signPermit } from '@rios/sdk/chain/permit';
import type { TransactionCall } from '@rios/sdk/chain/prepared-transaction';
import { prepareTransaction, sendTransaction, waitForTransaction } from '@rios/sdk/chain/transaction';
import { signVoucher } from '@rios/sdk/chain/voucher';
import { expect } from 'chai';
import { type BaseWallet, id, Wallet } from 'ethers';
import { failureOf } from '../support/failure-of.ts';
import { type LyingRpc, startLyingRpc } from '../support/lying-rpc.ts';
import { startTestChain, type TestChain } from '../support/test-chain.ts';

const ROS = 10n ** 18n;
const FAR = 4_000_000_000;

describe('history', () => {
  let world: TestChain;
  let rpc: LyingRpc;
  let account: BaseWallet;
  const key = new Wallet(id('history key'));
  before(async () => {
    world = await startTestChain();
    account = await world.createWallet({ ros: 10n * ROS });
    await live();
  });
  after(() => world.stop());
  beforeEach(async () => {
    rpc = await startLyingRpc(world.rpcUrl);
  });
  afterEach(() => rpc.stop());

  const pass = async (signer: BaseWallet, call: TransactionCall) => {
    const prepared = await prepareTransaction(world.chain, signer.address, call);
    const sent = await sendTransaction(world.chain, signer, prepared, { onSigned: () => {} });
    return waitForTransaction(world.chain, sent.hash, { timeoutMs: 5_000 });
  };

  /** A little of everything. */
  async function live(): Promise<void> {
    const { token, escrow, registry } = world.contracts;
    const peerHash = id('history peer');
    await pass(account, token.transfer(world.signers.judge.address, ROS));
    await pass(
      account,
      escrow.depositWithPermit(await signPermit(account, token, escrow.address, 4n * ROS, FAR)),
    );
    await pass(account, escrow.authoriseSession(key.address, ROS, FAR));
    const voucher = await signVoucher(key, escrow, {
      payer: account.address,
      cumulative: ROS,
      deadline: FAR,
    });
    await pass(world.signers.publisher, escrow.collect([voucher]));
    await pass(account, escrow.revokeSession(key.address));
    await pass(account, escrow.startExit(2n * ROS));
    await pass(account, registry.register(peerHash, account.address));
    await pass(
      account,
      registry.stakeWithPermit(peerHash, await signPermit(account, token, registry.address, ROS, FAR)),
    );
    await pass(account, registry.requestUnbond(peerHash, ROS));
    await world.advance(8 * 86_400);
    await pass(account, escrow.withdraw());
    await pass(account, registry.withdraw(peerHash));
    await pass(account, registry.deregister(peerHash));
    await pass(account, token.transfer(account.address, 7n));
  }

  const read = async (
    pageBlocks: number,
    chain = world.chain,
    who = account.address,
  ): Promise<HistoryEntry[]> => {
    const toBlock = await world.chain.provider.getBlockNumber();
    return Array.fromAsync(readHistory(chain, world.addresses, who, { fromBlock: 0, toBlock, pageBlocks }));
  };

  it('default: all that happened to the account, in order, each once', async () => {
    const history = await read(10_000);

    expect(history.map(({ kind, amountWei }) => [kind, amountWei])).to.deep.equal([
      ['received', 10n * ROS],
      ['sent', ROS],
      ['deposited', 4n * ROS],
      ['session-authorised', ROS],
      ['collected', ROS],
      ['session-revoked', undefined],
      ['exit-started', 2n * ROS],
      ['worker-registered', undefined],
      ['staked', ROS],
      ['unbonding-started', ROS],
      ['withdrawn', 2n * ROS],
      ['unbonded', ROS],
      ['worker-deregistered', undefined],
      ['sent', 7n],
    ]);
    expect(history[3]?.counterparty).to.equal(key.address);
    expect(history.every(({ at }, index) => at >= (history[index - 1]?.at ?? 0))).to.equal(true);
    expect((history[10]?.at ?? 0) - (history[9]?.at ?? 0)).to.be.at.least(8 * 86_400_000);
  });

  it('option: pageBlocks: pages of any size give the same', async () => {
    const whole = await read(10_000);
    for (const pageBlocks of [1, 2, 3, 7, 1000])
      expect(await read(pageBlocks), String(pageBlocks)).to.deep.equal(whole);
  });

  it('behaviour: addresses in small letters are the same addresses', async () => {
    expect(await read(100, world.chain, account.address.toLowerCase())).to.have.length(14);
  });

  it('behaviour: an account that did nothing has none', async () => {
    expect(await read(100, world.chain, Wallet.createRandom().address)).to.deep.equal([]);
  });

  it('behaviour: another’s events are not told', async () => {
    const judge = await read(100, world.chain, world.signers.judge.address);
    expect(judge.map(({ kind, amountWei, counterparty }) => [kind, amountWei, counterparty])).to.deep.equal([
      ['received', ROS, account.address],
    ]);
  });

  it('behaviour: an RPC that gives few blocks at once is asked for fewer', async () => {
    rpc.setRule((call) => {
      const [filter] = call.params as [{ fromBlock?: string; toBlock?: string } | undefined];
      const blocks = Number(filter?.toBlock ?? 0) - Number(filter?.fromBlock ?? 0) + 1;
      return call.method === 'eth_getLogs' && blocks > 4
        ? { error: { code: -32_005, message: 'query returned more than 10000 results' } }
        : undefined;
    });
    const chain = await world.open({ rpcUrl: rpc.url });

    expect(await read(1000, chain)).to.deep.equal(await read(1000));
    chain.close();
  });

  it('error CHAIN_BAD_ANSWER: events of another account slipped in', async () => {
    rpc.setRule(async (call, ask) => {
      if (call.method !== 'eth_getLogs') return undefined;
      const [filter] = call.params as [Record<string, unknown>];
      return { result: (await ask(call.method, [{ ...filter, topics: [] }])).result };
    });
    const chain = await world.open({ rpcUrl: rpc.url });

    expect((await failureOf(read(1000, chain))).code).to.equal('CHAIN_BAD_ANSWER');
    chain.close();
  });

  it('error CHAIN_UNREACHABLE: it disappears between two pages', async () => {
    let answers = 6;
    const chain = await world.open({ rpcUrl: rpc.url });
    rpc.setRule((call) => (call.method === 'eth_getLogs' && answers-- <= 0 ? 'cut' : undefined));

    expect((await failureOf(read(5, chain))).code).to.equal('CHAIN_UNREACHABLE');
    chain.close();
  });

  it('error USER_INVALID_REQUEST: a range that is none, or an address that is none', async () => {
    const ranges = [
      { fromBlock: 5, toBlock: 4, pageBlocks: 10 },
      { fromBlock: -1, toBlock: 4, pageBlocks: 10 },
      { fromBlock: 0, toBlock: 4, pageBlocks: 0 },
    ];
    for (const range of ranges) {
      const work = Array.fromAsync(readHistory(world.chain, world.addresses, account.address, range));
      expect((await failureOf(work)).code, JSON.stringify(range)).to.equal('USER_INVALID_REQUEST');
    }
    const swapped = account.address.replace(/[a-fA-F]/, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    );
    for (const who of ['', '0x12', swapped]) {
      expect((await failureOf(read(10, world.chain, who))).code, who).to.equal('USER_INVALID_REQUEST');
    }
  });
});
