import type { Chain } from '@rios/sdk/chain/open-chain';
import { silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import type { BaseWallet } from 'ethers';
import {
  createIndexer,
  type Indexer,
  type IndexerModules,
  type IndexerOptions,
} from '../../packages/orchestrator/src/settlement/indexer.ts';
import { readIntent, writeIntent } from '../../packages/orchestrator/src/settlement/outbox.ts';
import { createIntentSender } from '../../packages/orchestrator/src/settlement/send-intents.ts';
import { listBlocks } from '../../packages/orchestrator/src/store/chain-blocks.ts';
import { sumEscrow } from '../../packages/orchestrator/src/store/chain-events.ts';
import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import { createManualClock } from '../../packages/orchestrator/test/support/manual-clock.ts';
import { failureOf } from '../support/failure-of.ts';
import { type LyingRpc, startLyingRpc } from '../support/lying-rpc.ts';
import { type ReorgChain, startReorgChain } from '../support/reorg-chain.ts';
import { act, books, stepAll } from '../support/settlement.ts';

const ROS = 10n ** 18n;

describe('indexer', () => {
  let world: ReorgChain;
  let store: Store;
  let payer: BaseWallet;
  let rpc: LyingRpc;
  let fromBlock: number;
  const chains: Chain[] = [];
  before(async () => {
    world = await startReorgChain();
  });
  after(() => world.stop());
  beforeEach(async () => {
    store = await createStore({ file: ':memory:' });
    rpc = await startLyingRpc(world.rpcUrl);
    payer = await world.createWallet({ ros: 100n * ROS });
    await act(world.chain, payer, world.contracts.token.approve(world.addresses.escrow, 100n * ROS));
    fromBlock = await world.chain.provider.getBlockNumber();
  });
  afterEach(async () => {
    for (const chain of chains.splice(0)) chain.close();
    await rpc.stop();
    await store.destroy();
  });

  const open = async (
    options: Partial<IndexerOptions> = {},
    { confirmations = 0, ...modules }: Partial<IndexerModules> & { confirmations?: number } = {},
  ): Promise<Indexer> => {
    const chain = await world.open({ rpcUrl: rpc.url, isDevChain: false, confirmations });
    chains.push(chain);
    return createIndexer(
      { escrow: world.addresses.escrow, fromBlock, ...options },
      {
        store,
        chain,
        log: silentLog,
        onDeposit: (tx, event) => books.post(tx, event, 1n),
        onWithdrawal: (tx, event) => books.post(tx, event, -1n),
        onReversed: (tx, event) => books.post(tx, event, event.kind === 'deposited' ? -1n : 1n),
        ...modules,
      },
    );
  };
  const deposit = (amount: bigint) =>
    act(world.chain, payer, world.contracts.escrow.deposit(payer.address, amount));
  const expectBooks = async (amount: bigint, postings: number) => {
    expect(await books.balance(store)).to.equal(amount);
    expect(await books.posted(store), 'nothing else moved').to.have.length(postings);
  };

  it('default: deposits are credited once, to the wei, whoever reads and however often', async () => {
    await deposit(3n * ROS);
    await deposit(1n);
    const [one, two] = [await open(), await open()];
    await stepAll(one);
    await stepAll(two);
    await deposit(2n);
    await stepAll(two);
    await stepAll(one);

    await expectBooks(3n * ROS + 3n, 3);
    expect(await sumEscrow(store, one.scope)).to.deep.equal(new Map([[payer.address, 3n * ROS + 3n]]));
  });

  it('behaviour: a deposit counts when it lies deep enough', async () => {
    const indexer = await open({}, { confirmations: 3 });
    await deposit(ROS);
    await stepAll(indexer);
    await expectBooks(0n, 0);
    await world.mine(3);
    await stepAll(indexer);

    await expectBooks(ROS, 1);
  });

  it('behaviour: what is taken out is taken off', async () => {
    await deposit(5n * ROS);
    await act(world.chain, payer, world.contracts.escrow.startExit(2n * ROS));
    await world.mine(1);
    await world.advance(86_401);
    await act(world.chain, payer, world.contracts.escrow.withdraw());
    await stepAll(await open());

    await expectBooks(3n * ROS, 2);
  });

  describe('a reorganisation', () => {
    it('behaviour: deposits are reversed, and credited again from where they are now; nothing else moves', async () => {
      const indexer = await open();
      await deposit(4n * ROS);
      await stepAll(indexer);
      const before = await world.snapshot();
      const raws = [await deposit(ROS), await deposit(2n * ROS)];
      await stepAll(indexer);
      await expectBooks(7n * ROS, 3);
      await world.reorganise(before, 3);
      expect((await indexer.step()).kind).to.equal('reversed');
      await expectBooks(4n * ROS, 5);
      for (const raw of raws) await world.relay(raw);
      await stepAll(indexer);

      await expectBooks(7n * ROS, 7);
      const posted = await books.posted(store);
      expect(new Set(posted), 'each posting has a key of its own').to.have.length(7);
      expect(
        posted.slice(3, 5).map((line) => line.slice(1)),
        'the newest comes back first',
      ).to.deep.equal(
        posted
          .slice(1, 3)
          .map((line) => line.slice(1))
          .toReversed(),
      );
    });

    it('behaviour: what was not credited yet is dropped without a trace', async () => {
      const indexer = await open({}, { confirmations: 4 });
      const before = await world.snapshot();
      await deposit(ROS);
      await stepAll(indexer);
      await world.reorganise(before, 9);
      await stepAll(indexer);

      await expectBooks(0n, 0);
    });

    it('behaviour: killed while it takes back, it takes back once', async () => {
      const before = await world.snapshot();
      await deposit(ROS);
      await stepAll(await open());
      await world.reorganise(before, 2);
      const onReversed = async (tx: Store, event: Parameters<IndexerModules['onReversed']>[1]) => {
        await books.post(tx, event, -1n);
        throw new Error('killed');
      };
      const mortal = await open({}, { onReversed });
      expect(await mortal.step().catch((error: Error) => error.message)).to.equal('killed');
      await expectBooks(ROS, 1);
      await stepAll(await open());

      await expectBooks(0n, 2);
    });

    it('behaviour: in the midst of reading: nothing of the old chain is taken', async () => {
      const before = await world.snapshot();
      await deposit(ROS);
      const indexer = await open();
      let done = false;
      rpc.setRule(async (call, ask) => {
        if (call.method !== 'eth_getLogs' || done) return undefined;
        done = true;
        const { result } = await ask(call.method, call.params);
        await world.reorganise(before, 3);
        return { result };
      });
      expect((await indexer.step()).kind).to.equal('moved');
      await stepAll(indexer);

      await expectBooks(0n, 0);
    });

    it('behaviour: the first blocks that were read are gone: all is read anew', async () => {
      const before = await world.snapshot();
      await world.mine(1);
      fromBlock = await world.chain.provider.getBlockNumber();
      await deposit(ROS);
      await stepAll(await open());
      await world.reorganise(before, 4);
      await stepAll(await open());

      await expectBooks(0n, 2);
    });

    it('error SETTLEMENT_REORG: deeper than the kept blocks: it stops, says where, and moves nothing', async () => {
      const options = { keepBlocks: 4, pageBlocks: 3 };
      const before = await world.snapshot();
      await deposit(ROS);
      await world.mine(6);
      const indexer = await open(options);
      await stepAll(indexer);
      const kept = await listBlocks(store, indexer.scope);
      expect(kept).to.have.length(4);
      await world.reorganise(before, 9);

      for (const reader of [indexer, await open(options)]) {
        const error = await failureOf(reader.step());
        expect(error.code).to.equal('SETTLEMENT_REORG');
        expect(error.details).to.include({ oldest: kept.at(-1)?.number, kept: 4 });
      }
      await expectBooks(ROS, 1);
    });

    it('behaviour: an intent that was done and is done no more goes out again with the same bytes, once', async () => {
      const chain = await world.open({ rpcUrl: rpc.url, isDevChain: false });
      chains.push(chain);
      const { token } = world.contracts;
      const receiver = world.signers.judge.address;
      const clock = createManualClock();
      const call = token.transfer(receiver, ROS);
      const base = { chainId: chain.chainId, signer: payer.address, call };
      await writeIntent(store, { ...base, key: 'a', goal: { kind: 'call' } }, clock.now());
      const options = { holder: 'one', maxFeePerGas: 10n ** 12n, gasBudgetWei: ROS };
      const modules = { store, clock, log: silentLog, chain, contracts: world.contracts, signer: payer };
      const sender = await createIntentSender(options, modules);
      const had = await token.balanceOf(receiver);
      const before = await world.snapshot();
      await stepAll(sender);
      const first = await readIntent(store, 'a');
      await world.reorganise(before, 3);
      expect(await token.balanceOf(receiver)).to.equal(had);

      expect(await stepAll(sender)).to.deep.equal(['reopened', 'waiting', 'done']);
      const again = await readIntent(store, 'a');
      expect(again?.hash).to.equal(first?.hash);
      expect(again?.blockNumber).to.not.equal(first?.blockNumber);
      expect(await token.balanceOf(receiver)).to.equal(had + ROS);
    });
  });

  describe('an RPC in trouble', () => {
    it('error CHAIN_UNREACHABLE: away in between: the next step goes on', async () => {
      await deposit(ROS);
      const indexer = await open();
      rpc.setRule((call) => (call.method === 'eth_getBlockByNumber' ? 'cut' : undefined));
      expect((await failureOf(indexer.step())).code).to.equal('CHAIN_UNREACHABLE');
      rpc.setRule(() => undefined);
      await stepAll(indexer);

      await expectBooks(ROS, 1);
    });

    it('behaviour: one that gives few blocks at once is asked for fewer', async () => {
      await deposit(ROS);
      await world.mine(6);
      rpc.setRule(({ method, params }) => {
        if (method !== 'eth_getLogs') return undefined;
        const { fromBlock: first, toBlock: last } = params[0] as { fromBlock: string; toBlock: string };
        const isMuch = Number(last) - Number(first) > 1;
        return isMuch
          ? { error: { code: -32_005, message: 'query returned more than 2 blocks' } }
          : undefined;
      });
      await stepAll(await open());

      await expectBooks(ROS, 1);
    });

    it('behaviour: an event of a block that the chain does not have is not believed', async () => {
      await deposit(ROS);
      rpc.setRule(async (call, ask) => {
        if (call.method !== 'eth_getLogs') return undefined;
        const { result } = await ask(call.method, call.params);
        return { result: (result as object[]).map((log) => ({ ...log, blockHash: `0x${'22'.repeat(32)}` })) };
      });
      const indexer = await open();

      expect((await indexer.step()).kind).to.equal('moved');
      await expectBooks(0n, 0);
    });
  });
});
