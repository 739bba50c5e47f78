import { systemClock } from '@rios/sdk/clock';
import { type Log, silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import { readIntent, retryIntent, writeIntent } from '../../packages/orchestrator/src/settlement/outbox.ts';
import { writeStop } from '../../packages/orchestrator/src/settlement/publishing-stop.ts';
import { createIntentSender } from '../../packages/orchestrator/src/settlement/send-intents.ts';
import type { SenderModules, SenderOptions } from '../../packages/orchestrator/src/settlement/sender.ts';
import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import {
  createManualClock,
  type ManualClock,
} from '../../packages/orchestrator/test/support/manual-clock.ts';
import { createSeededRandom } from '../kill/seeded-random.ts';
import { failureOf } from '../support/failure-of.ts';
import { createMempool, type Mempool } from '../support/mempool.ts';
import { createPayer, type Payer } from '../support/payer.ts';
import { act, stepAll } from '../support/settlement.ts';
import { startTestChain, type TestChain } from '../support/test-chain.ts';
import { until } from '../support/until.ts';

const ROS = 10n ** 18n;
const GWEI = 10n ** 9n;
const DAY_MS = 86_400_000;
const STUCK_MS = 60_000;
const POINTS = ['signed', 'kept', 'sent', 'settled', 'noted'] as const;

describe('send-intents', () => {
  let world: TestChain;
  let payer: Payer;
  let store: Store;
  let clock: ManualClock;
  before(async () => {
    world = await startTestChain();
  });
  after(() => world.stop());
  beforeEach(async () => {
    store = await createStore({ file: ':memory:' });
    payer = await createPayer(world);
    clock = createManualClock();
  });
  afterEach(async () => {
    await payer.stop();
    await store.destroy();
  });

  const open = (options: Partial<SenderOptions> = {}, modules: Partial<SenderModules> = {}) =>
    createIntentSender(
      { holder: 'one', maxFeePerGas: 100n * GWEI, gasBudgetWei: ROS, stuckMs: STUCK_MS, ...options },
      {
        store,
        clock,
        log: silentLog,
        chain: payer.chain,
        contracts: world.contracts,
        signer: payer.wallet,
        ...modules,
      },
    );
  const intentOf = (key: string, amount = ROS) => ({
    key,
    chainId: world.chain.chainId,
    signer: payer.wallet.address,
    call: world.contracts.token.transfer(payer.treasury, amount),
    goal: { kind: 'call' as const },
  });
  const write = (key: string, amount = ROS) =>
    store.transaction().execute((tx) => writeIntent(tx, intentOf(key, amount), clock.now()));
  /** A sender that dies at the so-manieth point of its life. */
  const openMortal = (dieAt: number) => {
    let points = 0;
    const onPoint = () => {
      if (++points === dieAt) throw new Error('killed');
    };
    return open({}, { onPoint });
  };
  const expectPaid = async (count: bigint) => {
    expect(await payer.balance(), 'paid once each').to.equal(10n * ROS - count * ROS);
    expect(await payer.nonce(), 'one transaction each').to.equal(Number(count));
  };

  it('default: what was written is sent, once, and known to be done', async () => {
    await write('a');
    const sender = await open();

    expect(await stepAll(sender)).to.deep.equal(['sent', 'done']);
    const intent = await readIntent(store, 'a');
    expect(intent).to.include({ state: 'done', error: null });
    expect((await world.chain.provider.getTransactionReceipt(intent?.hash ?? ''))?.blockNumber).to.equal(
      intent?.blockNumber,
    );
    expect(await stepAll(await open())).to.deep.equal([]);
    await expectPaid(1n);
  });

  it('behaviour: what was written in a transaction that failed is never sent', async () => {
    const failing = store.transaction().execute(async (tx) => {
      await writeIntent(tx, intentOf('a'), clock.now());
      throw new Error('no');
    });
    await failing.catch(() => {});

    expect(await stepAll(await open())).to.deep.equal([]);
    await expectPaid(0n);
  });

  for (const [index, point] of POINTS.entries()) {
    it(`behaviour: killed when it was ${point}: each is sent exactly once`, async () => {
      for (const key of ['a', 'b', 'c']) await write(key);
      const mortal = await openMortal(POINTS.length + index + 1);
      const death = await stepAll(mortal).catch((error: Error) => error.message);
      expect(death).to.equal('killed');
      await stepAll(await open());

      await expectPaid(3n);
      expect(new Set(payer.rpc.raws), 'the same bytes').to.have.length(3);
    });
  }

  it('behaviour: killed at every point of its life, one after the other: each is sent exactly once', async () => {
    for (const key of ['a', 'b', 'c']) await write(key);
    let deaths = 0;
    for (let dieAt = 1; dieAt <= 4; dieAt++) {
      await stepAll(await openMortal(dieAt)).catch(() => deaths++);
    }
    await stepAll(await open());

    expect(deaths).to.be.greaterThan(2);
    await expectPaid(3n);
  });

  for (const seed of [1, 2, 3]) {
    it(`behaviour: killed and cut off again and again (seed ${seed}): each is sent exactly once`, async () => {
      const random = createSeededRandom(seed);
      for (let index = 0; index < 6; index++) await write(`intent ${index}`);
      for (let life = 0; life < 15; life++) {
        const mortal = await openMortal(1 + Math.floor(random.between(0, 6)));
        payer.rpc.setRule(() => (random.next() < 0.04 ? 'cut' : undefined));
        await stepAll(mortal).catch(() => {});
      }
      payer.rpc.setRule(() => undefined);
      await stepAll(await open());

      await expectPaid(6n);
    });
  }

  it('behaviour: running, it sends what comes, goes on after an RPC was away, and tells that once', async () => {
    const warned: unknown[] = [];
    const log: Log = { ...silentLog, warn: (_, facts) => warned.push(facts?.code) };
    const sender = await open({}, { log, clock: systemClock });
    payer.rpc.setRule(() => 'cut');
    sender.start();
    await write('a');
    const asked = payer.rpc.methods.length;
    await until('it is asked again', async () => payer.rpc.methods.length > asked + 2);
    payer.rpc.setRule(() => undefined);
    await until('it is done', async () => (await readIntent(store, 'a'))?.state === 'done');
    await Promise.all([sender.stop(), sender.stop()]);

    expect(warned).to.deep.equal(['CHAIN_UNREACHABLE']);
    await expectPaid(1n);
  });

  describe('the RPC disappears', () => {
    it('error CHAIN_UNREACHABLE: before the transaction arrived: the same bytes are sent later', async () => {
      await write('a');
      payer.rpc.setRule((call) => (call.method === 'eth_sendRawTransaction' ? 'cut' : undefined));
      expect((await failureOf((await open()).step())).code).to.equal('CHAIN_UNREACHABLE');
      expect(await payer.nonce()).to.equal(0);
      payer.rpc.setRule(() => undefined);
      await stepAll(await open());

      await expectPaid(1n);
      expect(new Set(payer.rpc.raws)).to.have.length(1);
    });

    it('error CHAIN_UNREACHABLE: after it arrived: it is found', async () => {
      await write('a');
      const sender = await open();
      await sender.step();
      payer.rpc.setRule(() => 'cut');
      expect((await failureOf(sender.step())).code).to.equal('CHAIN_UNREACHABLE');
      payer.rpc.setRule(() => undefined);

      expect(await stepAll(sender)).to.deep.equal(['done']);
      await expectPaid(1n);
    });
  });

  describe('the account is used elsewhere', () => {
    const takeNonce = async () => {
      await (await payer.wallet.sendTransaction({ to: payer.treasury, value: 1n })).wait();
    };

    it('behaviour: between signing and sending: it gets another nonce and is sent once', async () => {
      await write('a');
      const onPoint = async (point: string) => {
        if (point === 'kept' && (await payer.nonce()) === 0) await takeNonce();
      };
      const sender = await open({}, { onPoint });
      expect((await failureOf(sender.step())).code).to.equal('CHAIN_NONCE');

      expect(await stepAll(sender)).to.deep.equal(['displaced', 'sent', 'done']);
      expect(await payer.balance()).to.equal(9n * ROS);
      expect(await payer.nonce()).to.equal(2);
    });

    it('behaviour: between two intents: the next has the next free nonce', async () => {
      await write('a');
      const sender = await open();
      await stepAll(sender);
      await takeNonce();
      await write('b');

      expect(await stepAll(sender)).to.deep.equal(['sent', 'done']);
      expect(await payer.balance()).to.equal(8n * ROS);
    });
  });

  describe('stuck', () => {
    let mempool: Mempool;
    beforeEach(async () => {
      mempool = createMempool((raw) => world.chain.provider.send('eth_sendRawTransaction', [raw]));
      payer.rpc.setRule(mempool.rule);
      await write('a');
    });

    for (const winner of [0, 1]) {
      it(`behaviour: replaced with fees higher by 12.5 %, and number ${winner + 1} wins: paid once`, async () => {
        const sender = await open();
        expect((await sender.step()).kind).to.equal('sent');
        expect((await sender.step()).kind).to.equal('waiting');
        clock.advance(STUCK_MS);
        expect((await sender.step()).kind).to.equal('sent');
        expect(mempool.waiting).to.have.length(2);
        await mempool.release(mempool.waiting[winner] ?? '');

        expect(await stepAll(await open())).to.deep.equal(['done']);
        expect((await readIntent(store, 'a'))?.hash).to.equal(mempool.waiting[winner]);
        await expectPaid(1n);
      });
    }

    it('behaviour: killed after the replacement was kept: the same replacement goes out', async () => {
      await (await open()).step();
      clock.advance(STUCK_MS);
      const mortal = await openMortal(2);
      await mortal.step().catch(() => {});
      expect(mempool.waiting).to.have.length(1);
      const again = await open();
      await again.step();
      expect(mempool.waiting).to.have.length(2);
      await mempool.release(mempool.waiting[1] ?? '');

      await stepAll(again);
      await expectPaid(1n);
    });

    it('behaviour: fees are not raised above their limit', async () => {
      const { maxFeePerGas } = await payer.prepare();
      const sender = await open({ maxFeePerGas });
      await sender.step();
      clock.advance(STUCK_MS);

      expect((await sender.step()).kind).to.equal('waiting');
      expect(mempool.waiting).to.have.length(1);
    });
  });

  describe('gas budget', () => {
    it('error SETTLEMENT_GAS_BUDGET: used up: nothing is signed until the next day', async () => {
      const gasBudgetWei = ((await payer.prepare()).maxCostWei * 11n) / 10n;
      await write('a');
      await write('b');
      const sender = await open({ gasBudgetWei });
      const error = await failureOf(stepAll(sender));

      expect(error.code).to.equal('SETTLEMENT_GAS_BUDGET');
      expect(error.details).to.include({ budgetWei: String(gasBudgetWei) });
      await expectPaid(1n);
      expect(await readIntent(store, 'b')).to.include({ state: 'waiting', hash: null });
      clock.advance(DAY_MS);
      await stepAll(sender);
      await expectPaid(2n);
    });

    it('behaviour: what is stuck is not replaced beyond the budget', async () => {
      const mempool = createMempool(async () => {});
      payer.rpc.setRule(mempool.rule);
      await write('a');
      const sender = await open({ gasBudgetWei: ((await payer.prepare()).maxCostWei * 101n) / 100n });
      await sender.step();
      clock.advance(STUCK_MS);

      expect((await sender.step()).kind).to.equal('waiting');
      expect(mempool.waiting).to.have.length(1);
    });
  });

  describe('the chain says no', () => {
    it('behaviour: an intent that is refused lets others go first, and is tried again later', async () => {
      await write('too much', 10n * ROS);
      await write('a');
      const sender = await open();
      await act(world.chain, payer.wallet, world.contracts.token.transfer(payer.treasury, ROS));

      expect(await stepAll(sender)).to.deep.equal(['refused', 'sent', 'done']);
      expect(await readIntent(store, 'too much')).to.deep.include({ state: 'waiting', hash: null });
      expect((await readIntent(store, 'too much'))?.error).to.include({ code: 'QUOTA_BALANCE' });
      const { token } = world.contracts;
      const giver = await world.createWallet({ ros: 2n * ROS });
      await act(world.chain, giver, token.transfer(payer.wallet.address, 2n * ROS));
      clock.advance(3_000);
      expect(await stepAll(sender)).to.deep.equal(['sent', 'done']);
      expect(await payer.balance()).to.equal(0n);
    });

    it('error QUOTA_BALANCE: no coin for gas: nothing is counted against the intent', async () => {
      await write('a');
      const poor = await world.createWallet({ coin: 0n, ros: ROS });
      await store.updateTable('chain_intents').set({ signer: poor.address }).execute();
      const sender = await open({}, { signer: poor });

      expect((await failureOf(sender.step())).details).to.include({ unit: 'coin' });
      expect(await readIntent(store, 'a')).to.include({ state: 'waiting', error: null });
    });
  });

  describe('with a rewards contract', () => {
    let epoch: number;
    before(async () => {
      const { publisher } = world.signers;
      const { token, rewards } = world.contracts;
      const giver = await world.createWallet({ ros: 100n * ROS });
      await act(world.chain, giver, token.transfer(publisher.address, 100n * ROS));
      await act(world.chain, publisher, token.approve(rewards.address, 100n * ROS));
    });
    beforeEach(async () => {
      const { rewards } = world.contracts;
      await world.advance(3600);
      const [live, pending] = await Promise.all([rewards.live(), rewards.pending()]);
      epoch = Math.max(live.epoch, pending.epoch) + 1;
    });
    const publishing = () => {
      const { rewards } = world.contracts;
      const signer = world.signers.publisher.address;
      const root = `0x${'ab'.repeat(32)}`;
      const goal = { kind: 'publish' as const, epoch, root, totalWei: String(9n * ROS) };
      const call = rewards.publish(epoch, root, root, 9n * ROS);
      return { key: `publish:${epoch}`, chainId: world.chain.chainId, signer, call, goal };
    };
    const openPublisher = () => open({}, { signer: world.signers.publisher });
    const publishElsewhere = () => act(world.chain, world.signers.publisher, publishing().call);
    const nonce = () => world.chain.provider.getTransactionCount(world.signers.publisher.address);

    it('behaviour: while publishing is stopped, an epoch waits; after that it is published, once', async () => {
      await writeIntent(store, publishing(), clock.now());
      const difference = { where: 'escrow', expectedWei: '1', foundWei: '2' };
      await writeStop(store, { at: 1, block: 1, differences: [difference] });
      const sender = await openPublisher();
      expect(await stepAll(sender)).to.deep.equal([]);
      await writeStop(store, undefined);

      expect(await stepAll(sender)).to.deep.equal(['sent', 'done']);
      expect((await world.contracts.rewards.pending()).epoch).to.equal(epoch);
    });

    it('error SETTLEMENT_UNBALANCED: publishing is stopped while it is signed: nothing is sent', async () => {
      await writeIntent(store, publishing(), clock.now());
      const before = await nonce();
      const difference = { where: 'escrow', expectedWei: '1', foundWei: '2' };
      const onPoint = () => writeStop(store, { at: 1, block: 1, differences: [difference] });
      const sender = await open({}, { signer: world.signers.publisher, onPoint });

      expect((await failureOf(sender.step())).code).to.equal('SETTLEMENT_UNBALANCED');
      expect(await nonce()).to.equal(before);
    });

    it('behaviour: an epoch that is on the chain already is done, without a transaction', async () => {
      await publishElsewhere();
      const before = await nonce();
      await writeIntent(store, publishing(), clock.now());

      expect(await stepAll(await openPublisher())).to.deep.equal(['done']);
      expect(await nonce()).to.equal(before);
    });

    it('error SETTLEMENT_UNBALANCED: it is there with another root: it fails, and blocks nothing', async () => {
      await publishElsewhere();
      const goal = { ...publishing().goal, root: `0x${'cd'.repeat(32)}` };
      await writeIntent(store, { ...publishing(), goal }, clock.now());

      expect(await stepAll(await openPublisher())).to.deep.equal(['failed']);
      expect((await readIntent(store, `publish:${epoch}`))?.error).to.include({
        code: 'SETTLEMENT_UNBALANCED',
      });
    });

    describe('somebody else activates the root in between', () => {
      beforeEach(async () => {
        await publishElsewhere();
        await world.advance(3600);
      });
      const send = async (goal: { kind: 'activate'; epoch: number } | { kind: 'call' }) => {
        const { rewards } = world.contracts;
        await writeIntent(store, { ...intentOf('a'), call: rewards.activate(), goal }, clock.now());
        const other = await world.createWallet();
        const onPoint = async (point: string) => {
          if (point === 'kept') await act(world.chain, other, rewards.activate());
        };
        return stepAll(await open({}, { onPoint }));
      };

      it('behaviour: ours reverts, and its goal is reached: done', async () => {
        expect(await send({ kind: 'activate', epoch })).to.deep.equal(['sent', 'done']);
        expect(await payer.nonce(), 'ours was sent').to.equal(1);
      });

      it('error CHAIN_REVERTED: ours reverts, and no goal says that it is done: failed; a retry is a new one', async () => {
        expect(await send({ kind: 'call' })).to.deep.equal(['sent', 'failed']);
        const error = (await readIntent(store, 'a'))?.error;
        expect(error).to.include({ code: 'CHAIN_REVERTED' });
        expect(error).to.have.nested.property('details.error', 'NothingPending');
        await retryIntent(store, 'a', clock.now());
        expect(await stepAll(await open())).to.deep.equal(['refused']);
      });
    });
  });
});
