import { chmod, rm } from 'node:fs/promises';
import { hasCode } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import type { BaseWallet } from 'ethers';
import { checkVoucherLimit } from '../../packages/orchestrator/src/billing/vouchers.ts';
import { checkPublishing } from '../../packages/orchestrator/src/settlement/publishing-stop.ts';
import { createSettlement } from '../../packages/orchestrator/src/settlement/settlement-loop.ts';
import { listOpenIntents } from '../../packages/orchestrator/src/store/chain-intents.ts';
import { listEvents } from '../../packages/orchestrator/src/store/events.ts';
import { readBalance, sumLedger } from '../../packages/orchestrator/src/store/ledger.ts';
import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import { failureOf } from '../support/failure-of.ts';
import { type LyingRpc, startLyingRpc } from '../support/lying-rpc.ts';
import { type SettledChain, startSettledChain } from '../support/settled-chain.ts';
import { act } from '../support/settlement.ts';
import { createSettling, type Settling } from '../support/settling.ts';

const ROS = 10n ** 18n;
const ADA = 'acc_ada0000000';
const BOB = 'acc_bob0000000';

describe('settlement of an orchestrator', () => {
  let world: SettledChain;
  let store: Store;
  let rpc: LyingRpc;
  let settling: Settling;
  /** Told at each fault point; what it throws ends the step there. */
  let onPoint: (name: string) => void;
  before(async () => {
    world = await startSettledChain();
  });
  after(() => world.stop());
  beforeEach(async () => {
    onPoint = () => {};
    store = await createStore({ file: ':memory:' });
    rpc = await startLyingRpc(world.rpcUrl);
    settling = await createSettling({ world, store, rpcUrl: rpc.url, point: (name) => onPoint(name) });
  });
  afterEach(async () => {
    await settling.stop();
    await rpc.stop();
    await store.destroy();
  });

  const collected = () => world.contracts.token.balanceOf(world.signers.beneficiary.address);
  const spentOf = async ({ address }: BaseWallet) => (await world.contracts.escrow.account(address)).spent;
  const states = async () => {
    const rows = await store
      .selectFrom('vouchers')
      .select(['state', 'cumulative_wei'])
      .orderBy('cumulative_wei')
      .execute();
    return rows.map(({ state }) => state);
  };
  const expectEqual = async () => {
    expect((await sumLedger(store)).allWei).to.equal(0n);
    await checkPublishing(store);
  };
  /** A wallet of Ada's that paid 5 ROS in, of which 3 are spent. */
  const spender = async (accountId = ADA, holder = 'one') => {
    const wallet = await settling.payer(5n * ROS);
    await settling.link(wallet, accountId);
    const session = await settling.open({ holder });
    await session.step();
    await settling.spend(accountId, 3n * ROS);
    return { wallet, session };
  };

  describe('deposits', () => {
    it('default: a linked wallet’s are the account’s; another’s wait under its address until it is linked', async () => {
      const [hers, nobodys] = [await settling.payer(5n * ROS), await settling.payer(2n * ROS)];
      await settling.link(hers, ADA);
      const session = await settling.open();
      await session.step();
      const waiting = await readBalance(store, `user:${nobodys.address.toLowerCase()}`);
      await settling.link(nobodys, ADA);
      await settling.link(nobodys, ADA);
      const funds = await settling.vouchers.funds(ADA);

      expect(waiting).to.equal(2n * ROS);
      expect(funds).to.include({ balanceWei: String(7n * ROS), depositedWei: String(7n * ROS), dueWei: '0' });
      expect(funds.wallets.map(({ address }) => address)).to.have.members([hers.address, nobodys.address]);
      expect(session.problem()).to.equal(undefined);
      await expectEqual();
    });

    it('behaviour: what is withdrawn and was spent already is owed, and the next deposit pays it back first', async () => {
      const { wallet, session } = await spender();
      const { escrow, token } = world.contracts;
      await act(world.chain, wallet, escrow.startExit(5n * ROS));
      await world.advance(86_401);
      await act(world.chain, wallet, escrow.withdraw());
      await session.step();
      const after = await settling.vouchers.funds(ADA);
      await act(world.chain, wallet, token.approve(escrow.address, 4n * ROS));
      await act(world.chain, wallet, escrow.deposit(wallet.address, 4n * ROS));
      await session.step();

      expect(after).to.include({
        balanceWei: '0',
        depositedWei: '0',
        debtWei: String(3n * ROS),
        dueWei: '0',
      });
      expect(await settling.vouchers.funds(ADA)).to.include({
        balanceWei: String(ROS),
        debtWei: '0',
        dueWei: String(3n * ROS),
      });
      expect(await readBalance(store, 'platform')).to.equal(0n);
      await expectEqual();
    });

    it('error CONFLICT_EXISTS, AUTH_BINDING, INTEGRITY_SIGNATURE: a wallet is linked by its own word, once', async () => {
      const [wallet, other] = [await settling.payer(ROS), await settling.payer(ROS)];
      await settling.link(wallet, ADA);
      const statement = JSON.parse(
        (await store.selectFrom('account_wallets').select('statement_json').executeTakeFirstOrThrow())
          .statement_json,
      );
      const link = (accountId: string, over: object) =>
        failureOf(settling.vouchers.link(accountId, { ...statement, ...over }));

      expect((await failureOf(settling.link(wallet, BOB))).code).to.equal('CONFLICT_EXISTS');
      expect((await link(BOB, {})).details).to.include({ reason: 'account' });
      expect((await link(ADA, { networkId: `net_${'1'.repeat(32)}` })).details).to.include({
        reason: 'network',
      });
      expect((await link(ADA, { chainId: 1 })).details).to.include({ reason: 'chain' });
      expect((await link(ADA, { wallet: other.address })).code).to.equal('INTEGRITY_SIGNATURE');
      expect((await link(BOB, { accountId: BOB })).code).to.equal('INTEGRITY_SIGNATURE');
      expect((await link(ADA, { signature: `0x${'0'.repeat(130)}` })).code).to.equal('INTEGRITY_SIGNATURE');
      expect((await settling.vouchers.funds(BOB)).wallets).to.deep.equal([]);
    });
  });

  describe('vouchers', () => {
    it('default: what is due is signed for, kept, collected in one transaction, and noted', async () => {
      const { wallet, session } = await spender();
      const had = await collected();
      const due = await settling.vouchers.funds(ADA);
      const paid = await settling.vouchers.add(ADA, await settling.sign(wallet, 3n * ROS));
      await settling.settle(session);

      expect(due.dueWei).to.equal(String(3n * ROS));
      expect(paid).to.include({ dueWei: '0', vouchedWei: String(3n * ROS) });
      expect(await collected()).to.equal(had + 3n * ROS);
      expect(await states()).to.deep.equal(['collected']);
      expect(await listOpenIntents(store, world.chain.chainId, 9)).to.deep.equal([]);
      await expectEqual();
    });

    it('error BILLING_VOUCHER_DUE: more than 1 ROS of deposits spent and not signed for; credit does not count', async () => {
      const { wallet } = await spender();
      const limit = () =>
        store
          .transaction()
          .execute((tx) => checkVoucherLimit(tx, { accountId: ADA, balanceWei: 2n * ROS, heldWei: 0n }));
      const error = await failureOf(limit());
      await settling.vouchers.add(ADA, await settling.sign(wallet, 2n * ROS));
      await limit();

      expect(error).to.include({ code: 'BILLING_VOUCHER_DUE' });
      expect(error.details).to.deep.include({ dueWei: String(3n * ROS) });
    });

    it('behaviour: a bad one is refused with its reason and is due again; the others go on', async () => {
      const [bad, good] = [await spender(ADA), await spender(BOB)];
      await settling.vouchers.add(ADA, await settling.sign(bad.wallet, 3n * ROS, 7_300));
      await settling.vouchers.add(BOB, await settling.sign(good.wallet, 3n * ROS));
      await world.advance(10_000);
      const had = await collected();
      await settling.settle(good.session);

      expect(await collected()).to.equal(had + 3n * ROS);
      expect([await spentOf(bad.wallet), await spentOf(good.wallet)]).to.deep.equal([0n, 3n * ROS]);
      expect((await settling.vouchers.funds(ADA)).dueWei).to.equal(String(3n * ROS));
      expect((await listEvents(store, 9)).map(({ kind }) => kind)).to.deep.equal(['voucher.refused']);
      await settling.vouchers.add(ADA, await settling.sign(bad.wallet, 3n * ROS));
      await settling.settle(good.session);
      expect(await spentOf(bad.wallet)).to.equal(3n * ROS);
    });

    it('behaviour: of several of one payer the highest is collected; refused, the one below it counts', async () => {
      const { wallet, session } = await spender();
      await settling.vouchers.add(ADA, await settling.sign(wallet, ROS));
      await settling.vouchers.add(ADA, await settling.sign(wallet, 3n * ROS, 7_300));
      await world.advance(10_000);
      await settling.settle(session);

      expect(await spentOf(wallet)).to.equal(ROS);
      expect(await settling.vouchers.funds(ADA)).to.include({
        vouchedWei: String(ROS),
        dueWei: String(2n * ROS),
      });
    });

    it('error INTEGRITY_VOUCHER, QUOTA_BALANCE, AUTH_FORBIDDEN: what the escrow would not take is not kept', async () => {
      const { wallet } = await spender();
      const stranger = await settling.payer(ROS);
      const good = await settling.sign(wallet, 3n * ROS);
      const add = async (body: typeof good, accountId = ADA) =>
        failureOf(settling.vouchers.add(accountId, body));
      const forged = await settling.sign(stranger, 3n * ROS);

      expect((await add({ ...forged, payer: wallet.address })).details).to.include({ reason: 'signature' });
      expect((await add({ ...good, cumulativeWei: String(4n * ROS) })).details).to.include({
        reason: 'signature',
      });
      expect((await add(await settling.sign(wallet, 3n * ROS, -1))).details).to.include({
        reason: 'expired',
      });
      expect((await add(await settling.sign(wallet, 3n * ROS, 60))).details).to.include({
        reason: 'expired',
      });
      expect((await add(await settling.sign(wallet, 6n * ROS))).code).to.equal('QUOTA_BALANCE');
      expect((await add(good, BOB)).code).to.equal('AUTH_FORBIDDEN');
      expect((await add(await settling.sign(stranger, ROS))).code).to.equal('AUTH_FORBIDDEN');
      expect(await states()).to.deep.equal([]);
      await settling.vouchers.add(ADA, good);
      await settling.vouchers.add(ADA, good);
      expect((await add(await settling.sign(wallet, ROS))).details).to.include({ reason: 'stale' });
      expect((await settling.vouchers.funds(ADA)).vouchedWei).to.equal(String(3n * ROS));
    });

    it('behaviour: they wait for others until it is worth a transaction', async () => {
      const { wallet } = await spender();
      const session = await settling.open({ collectAfterMs: 3_600_000 });
      await settling.vouchers.add(ADA, await settling.sign(wallet, 3n * ROS));
      await settling.settle(session);
      const waiting = await states();
      settling.clock.advance(3_600_000);
      await settling.settle(session);

      expect(waiting).to.deep.equal(['kept']);
      expect(await states()).to.deep.equal(['collected']);
    });

    for (const name of [
      'voucher.collecting',
      'send.signed',
      'send.kept',
      'send.sent',
      'send.settled',
      'send.noted',
    ]) {
      it(`behaviour: killed at ${name}, each is collected once`, async () => {
        const { wallet, session } = await spender();
        await settling.settle(session);
        await settling.vouchers.add(ADA, await settling.sign(wallet, 3n * ROS));
        const had = await collected();
        let deaths = 0;
        onPoint = (at) => {
          if (at !== name || deaths++ > 0) return;
          throw new Error('killed');
        };
        await settling.settle(session);
        onPoint = () => {};
        await settling.settle(await settling.open());

        expect(deaths).to.be.above(0);
        expect(await collected()).to.equal(had + 3n * ROS);
        expect(await states()).to.deep.equal(['collected']);
        await expectEqual();
      });
    }
  });

  describe('in trouble', () => {
    it('behaviour: the RPC is gone in mid-settlement: nothing is lost or done twice when it is back', async () => {
      const { wallet, session } = await spender();
      await settling.settle(session);
      await settling.vouchers.add(ADA, await settling.sign(wallet, 3n * ROS));
      const had = await collected();
      rpc.setRule(({ method }) => (method === 'eth_sendRawTransaction' ? 'cut' : undefined));
      await session.step();
      const problem = session.problem();
      rpc.setRule(() => 'cut');
      expect((await failureOf(session.step())).code).to.equal('CHAIN_UNREACHABLE');
      rpc.setRule(() => undefined);
      await settling.settle(session);

      expect(problem?.code).to.equal('CHAIN_UNREACHABLE');
      expect(await collected()).to.equal(had + 3n * ROS);
      expect(session.problem()).to.equal(undefined);
      await expectEqual();
    });

    it('behaviour: another key takes over what the old one left signed and unsent; done twice it counts once', async () => {
      const { wallet, session } = await spender();
      await settling.settle(session);
      await settling.vouchers.add(ADA, await settling.sign(wallet, 3n * ROS));
      const had = await collected();
      rpc.setRule(({ method }) => (method === 'eth_sendRawTransaction' ? 'cut' : undefined));
      await session.step();
      rpc.setRule(() => undefined);
      const key = await settling.writeKey(await world.createWallet());
      const next = await settling.open({ keyFile: key });
      await settling.settle(next);
      const [old] = rpc.raws.slice(-3);
      for (const raw of new Set(rpc.raws)) {
        await world.chain.provider.send('eth_sendRawTransaction', [raw]).catch(() => {});
      }
      await settling.settle(next);

      expect(old).to.not.equal(undefined);
      expect(next.signer).to.not.equal(session.signer);
      expect(await collected()).to.equal(had + 3n * ROS);
      expect(await states()).to.deep.equal(['collected']);
      expect(await listOpenIntents(store, world.chain.chainId, 9)).to.deep.equal([]);
    });

    it('error NOT_FOUND_FILE, WALLET_KEYSTORE: the key is lost, or open to others: deposits count all the same', async () => {
      const keyFile = await settling.writeKey(await world.createWallet());
      await chmod(keyFile, 0o644);
      const open = await settling.open({ keyFile });
      await open.step();
      const openProblem = open.problem();
      await rm(keyFile);
      expect(await open.isOutdated()).to.equal(true);
      const lost = await settling.open({ keyFile });
      const wallet = await settling.payer(ROS);
      await settling.link(wallet, ADA);
      await lost.step();

      expect(openProblem?.code).to.equal('WALLET_KEYSTORE');
      expect(lost.problem()?.code).to.equal('NOT_FOUND_FILE');
      expect(lost.signer).to.equal(undefined);
      expect((await settling.vouchers.funds(ADA)).balanceWei).to.equal(String(ROS));
    });

    it('error SETTLEMENT_UNBALANCED: 1 wei more on the chain than was counted: publishing stops, and is told', async () => {
      const { wallet, session } = await spender();
      const setCounted = (wei: bigint) =>
        store
          .updateTable('chain_events')
          .set({ amount_wei: String(wei) })
          .where('payer', '=', wallet.address)
          .execute();
      await settling.settle(session);
      await setCounted(5n * ROS - 1n);
      settling.clock.advance(600_000);
      await session.step();
      const error = await failureOf(checkPublishing(store));
      await setCounted(5n * ROS);
      settling.clock.advance(600_000);
      await session.step();

      expect(error.code).to.equal('SETTLEMENT_UNBALANCED');
      expect(JSON.stringify(error.details)).to.include(String(5n * ROS - 1n));
      await expectEqual();
    });

    it('error SETTLEMENT_GAS_BUDGET: what the day’s budget does not hold waits for the next day', async () => {
      const { wallet } = await spender();
      const session = await settling.open({ gasBudgetWei: 1n });
      await settling.vouchers.add(ADA, await settling.sign(wallet, 3n * ROS));
      await settling.settle(session);
      const problem = session.problem();
      await settling.settle(await settling.open());

      expect(problem?.code).to.equal('SETTLEMENT_GAS_BUDGET');
      expect(await states()).to.deep.equal(['collected']);
    });

    it('behaviour: two orchestrators with one key: one sends at a time, and each voucher is collected once', async () => {
      const { wallet } = await spender(ADA, 'a');
      await settling.vouchers.add(ADA, await settling.sign(wallet, 3n * ROS));
      const had = await collected();
      const [one, two] = [await settling.open({ holder: 'a' }), await settling.open({ holder: 'b' })];
      for (let count = 0; count < 4; count++) {
        await Promise.all([one.step(), two.step()]);
        settling.clock.advance(60_000);
      }

      expect(await collected()).to.equal(had + 3n * ROS);
      await expectEqual();
    });
  });

  describe('by itself', () => {
    it('default: the loop finds the chain, counts, and says how it stands; without a chain it says so', async () => {
      const wallet = await settling.payer(ROS);
      await settling.link(wallet, ADA);
      const settlement = createSettlement(settling.options, settling.modules);
      const without = await settlement.status();
      settlement.start();
      let view = await settlement.status();
      while (view.chain === null || view.chain.countedTo < 0 || view.comparedAt === null) {
        settlement.wake();
        await new Promise((resolve) => setImmediate(resolve));
        view = await settlement.status();
      }
      await settlement.stop();
      await settlement.stop();

      expect(without).to.deep.include({ chain: null, signer: null, problem: null });
      expect(view.chain?.escrow).to.equal(world.addresses.escrow);
      expect(view.signer).to.equal(world.signers.publisher.address);
      expect(view).to.deep.include({ stop: null, problem: null });
      expect(hasCode(view.problem)).to.equal(false);
    });

    it('behaviour: a published root takes effect by itself when its time has come', async () => {
      const file = world.build();
      await world.publish(file);
      const session = await settling.open();
      await settling.settle(session);
      const before = await world.contracts.rewards.live();
      await world.advance(3_601);
      await settling.settle(session);

      expect(before.epoch).to.equal(0);
      expect(await world.contracts.rewards.live()).to.include({ epoch: 1, root: file.epoch.tree.root });
      expect(session.problem()).to.equal(undefined);
    });
  });
});
