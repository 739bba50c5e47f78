import { RiosError } from '@rios/sdk/errors/error';
import { silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import { createDeposits } from '../../packages/orchestrator/src/billing/deposits.ts';
import { linkWallet } from '../../packages/orchestrator/src/billing/link-wallet.ts';
import { postTransfer } from '../../packages/orchestrator/src/billing/post-transfer.ts';
import { checkVoucherLimit } from '../../packages/orchestrator/src/billing/voucher-limit.ts';
import { NO_FAULTS } from '../../packages/orchestrator/src/fault-point.ts';
import { writeIntent } from '../../packages/orchestrator/src/settlement/outbox.ts';
import { refuseVoucher } from '../../packages/orchestrator/src/settlement/refuse-voucher.ts';
import { changeFunds, readFunds } from '../../packages/orchestrator/src/store/account-funds.ts';
import { listAccountWallets } from '../../packages/orchestrator/src/store/account-wallets.ts';
import type { StoredEscrowEvent } from '../../packages/orchestrator/src/store/chain-events.ts';
import * as intents from '../../packages/orchestrator/src/store/chain-intents.ts';
import { readBalance, sumLedger } from '../../packages/orchestrator/src/store/ledger.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import * as vouchers from '../../packages/orchestrator/src/store/vouchers.ts';
import { createManualClock } from '../../packages/orchestrator/test/support/manual-clock.ts';
import { failureOf } from '../support/failure-of.ts';

const ROS = 10n ** 18n;
const WALLET = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
const PLACE = { chainId: 31_337, escrow: '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359' };
const ADA = 'acc_ada0000000';
const BOB = 'acc_bob0000000';
const STATEMENT = {
  networkId: `net_${'0'.repeat(32)}`,
  chainId: 31_337,
  accountId: ADA,
  wallet: WALLET,
  signature: `0x${'1'.repeat(130)}`,
};

const anEvent = (over: Partial<StoredEscrowEvent> = {}): StoredEscrowEvent => ({
  kind: 'deposited',
  payer: WALLET,
  amountWei: 5n * ROS + 1n,
  blockNumber: 5,
  blockHash: '0x05',
  transactionHash: '0x50',
  logIndex: 0,
  key: 'deposited:1',
  ...over,
});

const aVoucher = (
  cumulativeWei: bigint,
  over: Partial<vouchers.StoredVoucher> = {},
): vouchers.StoredVoucher => ({
  chain_id: PLACE.chainId,
  escrow: PLACE.escrow,
  payer: WALLET,
  cumulative_wei: String(cumulativeWei),
  deadline: 1,
  signature: '0x',
  signer: WALLET,
  account_id: ADA,
  received_at: 1,
  state: 'kept',
  intent_key: null,
  reason: null,
  ...over,
});

/** Deposits, wallets and vouchers of accounts: one sum with the ledger, on whatever store. */
export function describeFunds(store: () => Store): void {
  const inOne = <T>(work: (tx: Store) => Promise<T>) => store().transaction().execute(work);
  const deposits = createDeposits({ now: () => 1, point: NO_FAULTS });
  const link = (accountId = ADA) =>
    inOne((tx) => linkWallet(tx, { address: WALLET, accountId, statement: STATEMENT }, 7));
  const give = (over: Partial<StoredEscrowEvent> = {}) =>
    inOne((tx) => deposits.onDeposit(tx, anEvent(over)));
  const take = (over: Partial<StoredEscrowEvent>) =>
    inOne((tx) => deposits.onWithdrawal(tx, anEvent({ kind: 'withdrawn', key: 'withdrawn:1', ...over })));
  const spend = (amountWei: bigint) =>
    inOne((tx) =>
      postTransfer(tx, {
        key: `spend:${amountWei}`,
        kind: 'spend',
        at: 1,
        ref: '',
        entries: [
          { account: `user:${ADA}`, amountWei: -amountWei },
          { account: 'worker:w', amountWei },
        ],
      }),
    );
  const balance = (account: string) => readBalance(store(), account);

  it('default: a deposit is its account’s, once, to the wei', async () => {
    await link();
    await give();
    await give();

    expect(await balance(`user:${ADA}`)).to.equal(5n * ROS + 1n);
    expect(await readFunds(store(), ADA)).to.include({ depositedWei: 5n * ROS + 1n, debtWei: 0n });
    expect(await sumLedger(store())).to.deep.equal({
      allWei: 0n,
      escrowWei: -(5n * ROS + 1n),
      settledWei: 0n,
    });
  });

  it('behaviour: a deposit of nobody moves to the account that the wallet is linked to, once', async () => {
    await give();
    const waiting = await balance(`user:${WALLET.toLowerCase()}`);
    await Promise.all([link(), link(), link()]);

    expect(waiting).to.equal(5n * ROS + 1n);
    expect(await balance(`user:${WALLET.toLowerCase()}`)).to.equal(0n);
    expect(await readFunds(store(), ADA)).to.include({ depositedWei: 5n * ROS + 1n });
    expect(await readFunds(store(), WALLET.toLowerCase())).to.include({ depositedWei: 0n });
    expect(await listAccountWallets(store(), ADA)).to.deep.equal([
      { address: WALLET, accountId: ADA, linkedAt: 7 },
    ]);
  });

  it('error CONFLICT_EXISTS: of two accounts that link a wallet at once, one gets it, and all of it', async () => {
    await give();
    const done = await Promise.allSettled([link(ADA), link(BOB)]);
    const [lost] = done.filter(({ status }) => status === 'rejected');
    const sums = [await balance(`user:${ADA}`), await balance(`user:${BOB}`)];

    expect(lost).to.have.nested.property('reason.code', 'CONFLICT_EXISTS');
    expect(sums.toSorted()).to.deep.equal([0n, 5n * ROS + 1n]);
  });

  it('behaviour: what left the escrow and was spent is owed to the platform; deposits pay it back first', async () => {
    await link();
    await give();
    await spend(4n * ROS);
    await take({ amountWei: 5n * ROS + 1n });
    const owed = await readFunds(store(), ADA);
    const platform = await balance('platform');
    await give({ key: 'deposited:2', amountWei: ROS });
    const partly = await readFunds(store(), ADA);
    await give({ key: 'deposited:3', amountWei: 10n * ROS });

    expect(owed).to.include({ depositedWei: 0n, debtWei: 4n * ROS });
    expect(platform).to.equal(-4n * ROS);
    expect(partly).to.include({ depositedWei: ROS, debtWei: 3n * ROS });
    expect(await readFunds(store(), ADA)).to.include({ depositedWei: 11n * ROS, debtWei: 0n });
    expect([await balance('platform'), await balance(`user:${ADA}`)]).to.deep.equal([0n, 7n * ROS]);
    expect((await sumLedger(store())).allWei).to.equal(0n);
  });

  it('behaviour: a reversal takes back what it gave, in either direction', async () => {
    await link();
    await give();
    await take({ amountWei: 2n * ROS });
    await inOne((tx) =>
      deposits.onReversed(tx, anEvent({ kind: 'withdrawn', key: 'withdrawn:1', amountWei: 2n * ROS })),
    );
    await inOne((tx) => deposits.onReversed(tx, anEvent()));

    expect(await balance(`user:${ADA}`)).to.equal(0n);
    expect(await readFunds(store(), ADA)).to.include({ depositedWei: 0n, debtWei: 0n });
    expect((await sumLedger(store())).escrowWei).to.equal(0n);
  });

  it('error BILLING_VOUCHER_DUE: from 1 wei above the limit; what is reserved is not spent', async () => {
    await inOne((tx) =>
      changeFunds(tx, ADA, { depositedWei: 5n * ROS, creditedWei: ROS, vouchedWei: ROS / 2n }),
    );
    const left = 5n * ROS + ROS - ROS - ROS / 2n - ROS;
    const check = (balanceWei: bigint, heldWei: bigint) =>
      checkVoucherLimit(store(), { accountId: ADA, balanceWei, heldWei });
    await check(left, 0n);
    await check(left - ROS, ROS);
    const error = await failureOf(check(left - 1n, 0n));

    expect(error.code).to.equal('BILLING_VOUCHER_DUE');
    expect(error.details).to.include({ dueWei: String(ROS + 1n) });
  });

  it('behaviour: the highest voucher of a payer counts by its number, not by its text', async () => {
    for (const wei of [9n, 10n, 10n ** 20n]) await inOne((tx) => vouchers.putVoucher(tx, aVoucher(wei)));
    const other = aVoucher(10n ** 25n, { state: 'refused' });
    await inOne((tx) => vouchers.putVoucher(tx, other));

    expect(await vouchers.highestVoucher(store(), PLACE, WALLET)).to.equal(10n ** 20n);
    expect(await vouchers.listVouchers(store(), PLACE, { state: 'kept', limit: 2 })).to.have.length(2);
    expect(await vouchers.moveVoucher(store(), aVoucher(9n), { state: 'sent', intentKey: 'k' })).to.equal(
      true,
    );
    expect(await vouchers.moveVoucher(store(), aVoucher(9n), { state: 'stale' })).to.equal(false);
  });

  it('behaviour: a refused voucher is taken off what was signed for; the one below it is tried again', async () => {
    await inOne((tx) => vouchers.putVoucher(tx, aVoucher(3n, { state: 'stale' })));
    await inOne((tx) => vouchers.putVoucher(tx, aVoucher(10n)));
    await inOne((tx) => changeFunds(tx, ADA, { vouchedWei: 10n }));
    const modules = { store: store(), clock: createManualClock(), log: silentLog };
    const error = new RiosError('INTEGRITY_VOUCHER', 'its time is over');
    await refuseVoucher(modules, aVoucher(10n), error);
    await refuseVoucher(modules, aVoucher(10n), error);

    expect(await readFunds(store(), ADA)).to.include({ vouchedWei: 3n });
    expect(await vouchers.listVouchers(store(), PLACE, { state: 'kept', limit: 9 })).to.have.length(1);
    await inOne((tx) => vouchers.putVoucher(tx, aVoucher(10n)));
    expect(await vouchers.highestVoucher(store(), PLACE, WALLET)).to.equal(10n);
  });

  it('behaviour: another key takes over what is undone, and nothing else', async () => {
    const [old, next] = [WALLET, PLACE.escrow];
    const call = { to: PLACE.escrow, data: '0x00', what: 'Do it' };
    for (const key of ['a', 'b', 'c']) {
      const intent = { key, chainId: PLACE.chainId, signer: old, call, goal: { kind: 'call' as const } };
      await inOne((tx) => writeIntent(tx, intent, 1));
    }
    const change = async (key: string, to: intents.IntentChange) => {
      const found = await intents.findIntent(store(), key);
      if (found !== undefined) await intents.changeIntent(store(), found, to);
    };
    await change('a', { state: 'done', nonce: 0 });
    await change('b', { state: 'signed', nonce: 1, gas_wei: '5', gas_day: 3 });
    const place = { chainId: PLACE.chainId, signer: next };

    expect(await intents.adoptIntents(store(), place, 9)).to.equal(2);
    expect(await intents.adoptIntents(store(), place, 9)).to.equal(0);
    expect(await intents.findIntent(store(), 'b')).to.include({
      signer: next,
      state: 'waiting',
      nonce: null,
      gas_wei: '0',
    });
    expect(await intents.findIntent(store(), 'a')).to.include({ signer: old, state: 'done' });
    expect(await intents.hasOpenIntents(store(), place)).to.equal(true);
    expect(await intents.listOpenIntents(store(), PLACE.chainId, 9)).to.have.length(2);
  });
}
