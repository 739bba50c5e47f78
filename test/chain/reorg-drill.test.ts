import { expect } from 'chai';
import type { BaseWallet } from 'ethers';
import { checkPublishing } from '../../packages/orchestrator/src/settlement/publishing-stop.ts';
import type { SettlementSession } from '../../packages/orchestrator/src/settlement/settlement-session.ts';
import { sumLedger } from '../../packages/orchestrator/src/store/ledger.ts';
import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import { type ReorgChain, startReorgChain } from '../support/reorg-chain.ts';
import { act } from '../support/settlement.ts';
import { createSettling, type Settling } from '../support/settling.ts';

const ROS = 10n ** 18n;
const ADA = 'acc_ada0000000';
const BOB = 'acc_bob0000000';

describe('reorganisation of the chain, in the ledger', () => {
  let world: ReorgChain;
  let store: Store;
  let settling: Settling;
  let session: SettlementSession;
  let ada: BaseWallet;
  let bob: BaseWallet;
  before(async () => {
    world = await startReorgChain();
  });
  after(() => world.stop());
  beforeEach(async () => {
    store = await createStore({ file: ':memory:' });
    settling = await createSettling({ world, store, isDevChain: false });
    ada = await settling.payer(5n * ROS);
    bob = await settling.payer(4n * ROS);
    await settling.link(ada, ADA);
    await settling.link(bob, BOB);
    session = await settling.open();
    await settling.settle(session);
  });
  afterEach(async () => {
    await settling.stop();
    await store.destroy();
  });

  /** Every account that is not zero. */
  const balances = async () => {
    const rows = await store.selectFrom('ledger_balances').select(['account', 'balance_wei']).execute();
    const sums = new Map<string, bigint>();
    for (const { account, balance_wei } of rows) {
      sums.set(account, (sums.get(account) ?? 0n) + BigInt(balance_wei));
    }
    return Object.fromEntries([...sums].filter(([, wei]) => wei !== 0n).toSorted());
  };
  const funds = async (accountId: string) => settling.vouchers.funds(accountId);
  const pay = (wallet: BaseWallet, amountWei: bigint): Promise<string> =>
    act(world.chain, wallet, world.contracts.escrow.deposit(wallet.address, amountWei));
  const fund = async (wallet: BaseWallet, amountWei: bigint) => {
    const { token, escrow } = world.contracts;
    const rich = await world.createWallet({ ros: amountWei });
    await act(world.chain, rich, token.transfer(wallet.address, amountWei));
    await act(world.chain, wallet, token.approve(escrow.address, 2n ** 255n));
  };
  const step = async () => {
    settling.clock.advance(600_000);
    await settling.settle(session);
    expect(session.problem()).to.equal(undefined);
    expect((await sumLedger(store)).allWei).to.equal(0n);
    await checkPublishing(store);
  };

  it('default: deposits are reversed and credited again, to the wei; nothing else moves', async () => {
    await fund(ada, 3n * ROS);
    await step();
    const start = await balances();
    const before = await world.snapshot();
    const raws = [await pay(ada, ROS), await pay(ada, 2n * ROS)];
    await step();
    const counted = await balances();
    await world.reorganise(before, 4);
    await step();
    const reversed = await balances();
    for (const raw of raws) await world.relay(raw);
    await step();

    expect(counted[`user:${ADA}`]).to.equal(8n * ROS);
    expect(reversed).to.deep.equal(start);
    expect(await balances()).to.deep.equal(counted);
    expect(await funds(ADA)).to.include({ depositedWei: String(8n * ROS), debtWei: '0' });
    expect(await funds(BOB)).to.include({ depositedWei: String(4n * ROS), debtWei: '0' });
  });

  it('behaviour: what was spent of a deposit that is gone is owed; it is paid back when the deposit is there again', async () => {
    await fund(ada, 3n * ROS);
    const before = await world.snapshot();
    const raw = await pay(ada, 3n * ROS);
    await step();
    await settling.spend(ADA, 7n * ROS);
    const spent = await balances();
    await world.reorganise(before, 4);
    await step();
    const gone = await balances();
    const owed = await funds(ADA);
    await world.relay(raw);
    await step();

    expect(owed).to.include({ balanceWei: '0', debtWei: String(2n * ROS), depositedWei: String(5n * ROS) });
    expect(gone).to.include({ platform: -2n * ROS, 'worker:w': 7n * ROS, [`user:${BOB}`]: 4n * ROS });
    expect(await balances()).to.deep.equal(spent);
    expect((await funds(ADA)).debtWei).to.equal('0');
  });

  it('behaviour: a withdrawal that left the chain is given back, and taken again when it is there again', async () => {
    await act(world.chain, ada, world.contracts.escrow.startExit(2n * ROS));
    await world.advance(86_401);
    await step();
    const start = await balances();
    const before = await world.snapshot();
    const raw = await act(world.chain, ada, world.contracts.escrow.withdraw());
    await step();
    const taken = await balances();
    await world.reorganise(before, 3);
    await step();
    const back = await balances();
    await world.relay(raw);
    await step();

    expect(taken[`user:${ADA}`]).to.equal(3n * ROS);
    expect(back).to.deep.equal(start);
    expect(await balances()).to.deep.equal(taken);
  });

  it('behaviour: what vouchers collected is collected again, by the same transaction, once', async () => {
    await settling.spend(ADA, 3n * ROS);
    const { token, escrow } = world.contracts;
    const { beneficiary } = world.signers;
    const had = await token.balanceOf(beneficiary.address);
    const before = await world.snapshot();
    await settling.vouchers.add(ADA, await settling.sign(ada, 3n * ROS));
    await step();
    const books = await balances();
    await world.reorganise(before, 4);
    const lost = await token.balanceOf(beneficiary.address);
    await step();

    expect(lost).to.equal(had);
    expect(await token.balanceOf(beneficiary.address)).to.equal(had + 3n * ROS);
    expect((await escrow.account(ada.address)).spent).to.equal(3n * ROS);
    expect(await balances()).to.deep.equal(books);
  });

  it('behaviour: linked while a deposit of it is gone: what comes back is the account’s', async () => {
    const eve = await world.createWallet({ ros: 3n * ROS });
    await act(world.chain, eve, world.contracts.token.approve(world.addresses.escrow, 3n * ROS));
    const before = await world.snapshot();
    const raw = await pay(eve, 3n * ROS);
    await step();
    const unlinked = await balances();
    await world.reorganise(before, 3);
    await step();
    await settling.link(eve, BOB);
    await world.relay(raw);
    await step();

    expect(unlinked[`user:${eve.address.toLowerCase()}`]).to.equal(3n * ROS);
    expect((await balances())[`user:${BOB}`]).to.equal(7n * ROS);
    expect(await funds(BOB)).to.include({ depositedWei: String(7n * ROS), debtWei: '0' });
  });
});
