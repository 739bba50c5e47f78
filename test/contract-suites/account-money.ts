import { hasCode } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import {
  accountScope,
  captureBudgets,
  changeBudget,
  deploymentScope,
  reserveBudgets,
} from '../../packages/orchestrator/src/billing/account-budgets.ts';
import { checkStanding, stepAccount } from '../../packages/orchestrator/src/billing/account-standing.ts';
import { GRACE_MS, KEEP_MS, MAX_STEP_MS } from '../../packages/orchestrator/src/billing/balance-standing.ts';
import { watchStandings } from '../../packages/orchestrator/src/billing/standing-watch.ts';
import { readBudget } from '../../packages/orchestrator/src/store/budgets.ts';
import { listEventsAfter } from '../../packages/orchestrator/src/store/events.ts';
import { listAccountsWithMoney, readStanding } from '../../packages/orchestrator/src/store/standings.ts';
import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import { expectError } from '../../packages/orchestrator/test/support/expect-error.ts';
import { aCharge, aLedger } from '../support/a-ledger.ts';
import type { LedgerBackend, LedgerPlace } from './ledger.ts';
import { aDeposit } from './ledger-posts.ts';

const ACCOUNT = 'acc_1';
const NOW = Date.UTC(2026, 4, 15, 12);
const ledger = aLedger(NOW);

/** What the rules of an account's money must do in the store, whichever database it is. Run it once per backend. */
export function accountMoneyContract(backend: LedgerBackend): void {
  describe(`account money on ${backend.name}`, () => {
    let place: LedgerPlace;
    let stores: Store[];
    const store = () => stores[0] as Store;
    beforeEach(async () => {
      place = await backend.create();
      stores = [await createStore(place.options)];
    });
    afterEach(async () => {
      for (const one of stores) await one.destroy();
      await place.remove();
    });
    after(() => backend.close?.());

    const inTx = <T>(work: (tx: Store) => Promise<T>): Promise<T> => store().transaction().execute(work);
    const told = async (kind: string) =>
      (await listEventsAfter(store(), 0, 1_000)).filter((event) => event.kind === kind);
    const reserve = (requestId: string, amountWei: bigint, deploymentId?: string) => async (tx: Store) => {
      await ledger.reserve(tx, { requestId, accountId: ACCOUNT, amountWei });
      await reserveBudgets(tx, { ...ownerOf(deploymentId), amountWei, now: NOW });
    };
    const capture = (requestId: string, reservedWei: bigint, spentWei: bigint) => async (tx: Store) => {
      const charges = [aCharge({ amountWei: spentWei })];
      const { isNew } = await ledger.capture(tx, { requestId, charges });
      if (isNew) await captureBudgets(tx, { accountId: ACCOUNT, reservedWei, spentWei, now: NOW });
    };
    const budgetOf = async () => readBudget(store(), accountScope(ACCOUNT));

    describe('budgets', () => {
      it('behaviour: of 60 reservations at once on a budget for 20, 20 are made', async () => {
        while (stores.length < place.maxStores) stores.push(await createStore(place.options));
        await inTx((tx) => ledger.post(tx, aDeposit(10_000n)));
        await inTx((tx) => changeBudget(tx, { accountId: ACCOUNT }, { day: 200n }, NOW));
        const outcomes = await Promise.all(
          Array.from({ length: 60 }, (_, index) =>
            (stores[index % stores.length] as Store)
              .transaction()
              .execute(reserve(`req_${index}`, 10n))
              .then(
                () => 'reserved',
                (error: unknown) => (hasCode(error, 'QUOTA_BUDGET') ? 'refused' : String(error)),
              ),
          ),
        );

        expect(outcomes.filter((outcome) => outcome === 'reserved')).to.have.lengthOf(20);
        expect(outcomes.filter((outcome) => outcome === 'refused')).to.have.lengthOf(40);
        expect((await budgetOf())?.state.reservedWei).to.equal(200n);
        expect(await ledger.balanceOf(store(), `held:${ACCOUNT}`), 'the refused hold nothing').to.equal(200n);
      }).timeout(60_000);

      it('behaviour: requests that start and end at once never overrun it, and leave nothing reserved', async () => {
        while (stores.length < place.maxStores) stores.push(await createStore(place.options));
        await inTx((tx) => ledger.post(tx, aDeposit(100_000n)));
        await inTx((tx) => changeBudget(tx, { accountId: ACCOUNT }, { month: 500n }, NOW));
        const spent = await Promise.all(
          Array.from({ length: 100 }, async (_, index) => {
            const own = stores[index % stores.length] as Store;
            try {
              await own.transaction().execute(reserve(`req_${index}`, 20n));
            } catch (error) {
              if (hasCode(error, 'QUOTA_BUDGET')) return 0n;
              throw error;
            }
            const wei = BigInt(index % 21);
            await own.transaction().execute(capture(`req_${index}`, 20n, wei));
            return wei;
          }),
        );
        const sum = spent.reduce((total, wei) => total + wei, 0n);

        expect(sum <= 500n, `spent ${sum}`).to.equal(true);
        expect(sum > 0n).to.equal(true);
        const budget = await budgetOf();
        expect(budget?.state.reservedWei).to.equal(0n);
        expect(budget?.state.month.spentWei).to.equal(sum);
        expect(await ledger.balanceOf(store(), `user:${ACCOUNT}`)).to.equal(100_000n - sum);
      }).timeout(60_000);

      it('behaviour: what was spent before a limit was set counts', async () => {
        await inTx((tx) => ledger.post(tx, aDeposit(1_000n)));
        await inTx(reserve('req_1', 50n));
        await inTx(capture('req_1', 50n, 40n));
        await inTx((tx) => changeBudget(tx, { accountId: ACCOUNT }, { day: 50n }, NOW));

        const error = await expectError(inTx(reserve('req_2', 20n)), 'QUOTA_BUDGET');
        expect(error.details).to.deep.include({ period: 'day', missingWei: '10', limitWei: '50' });
        await inTx(reserve('req_3', 10n));
      });

      it('behaviour: 50, 75 and 90 percent are told once each, to the account alone', async () => {
        await inTx((tx) => ledger.post(tx, aDeposit(1_000n)));
        await inTx((tx) => changeBudget(tx, { accountId: ACCOUNT }, { month: 100n }, NOW));
        for (let request = 0; request < 10; request++) {
          await inTx(reserve(`req_${request}`, 10n));
          await inTx(capture(`req_${request}`, 10n, 10n));
        }

        const events = await told('billing.budget');
        expect(events.map(({ message }) => message.split(' ')[0])).to.deep.equal(['50', '75', '90']);
        expect(new Set(events.map(({ accountId }) => accountId))).to.deep.equal(new Set([ACCOUNT]));
      });

      it('behaviour: the same capture again spends nothing more', async () => {
        await inTx((tx) => ledger.post(tx, aDeposit(100n)));
        await inTx(reserve('req_1', 50n));
        await inTx(capture('req_1', 50n, 40n));
        await inTx(capture('req_1', 50n, 40n));

        expect((await budgetOf())?.state.month.spentWei).to.equal(40n);
      });

      it('behaviour: a deployment has a budget of its own within that of its account', async () => {
        await inTx((tx) => ledger.post(tx, aDeposit(1_000n)));
        const owner = ownerOf('dep_1');
        await inTx((tx) => changeBudget(tx, owner, { day: 30n }, NOW));
        await inTx((tx) => changeBudget(tx, { accountId: ACCOUNT }, { day: 50n }, NOW));
        await inTx(reserve('req_1', 30n, 'dep_1'));

        await expectError(inTx(reserve('req_2', 10n, 'dep_1')), 'QUOTA_BUDGET');
        await inTx(reserve('req_3', 20n));
        await expectError(inTx(reserve('req_4', 10n)), 'QUOTA_BUDGET');
        const own = await readBudget(store(), deploymentScope('dep_1'));
        expect(own?.state.reservedWei).to.equal(30n);
      });

      it('error NOT_FOUND: a deployment of somebody else', async () => {
        await inTx((tx) => changeBudget(tx, ownerOf('dep_1'), { day: 30n }, NOW));
        const theirs = { accountId: 'acc_2', deploymentId: 'dep_1' };

        await expectError(
          inTx((tx) => changeBudget(tx, theirs, { day: null }, NOW)),
          'NOT_FOUND',
        );
        await expectError(
          inTx((tx) => reserveBudgets(tx, { ...theirs, amountWei: 1n, now: NOW })),
          'NOT_FOUND',
        );
        expect((await readBudget(store(), deploymentScope('dep_1')))?.limits).to.deep.equal({ day: 30n });
      });

      it('option: null takes a limit away, and what is left out stays', async () => {
        const owner = { accountId: ACCOUNT };
        await inTx((tx) => changeBudget(tx, owner, { request: 1n, day: 2n, month: 3n }, NOW));
        await inTx((tx) => changeBudget(tx, owner, { day: null, month: 4n }, NOW));

        expect((await budgetOf())?.limits).to.deep.equal({ request: 1n, month: 4n });
      });
    });

    describe('standing', () => {
      const step = (balanceWei: bigint, now: number) =>
        inTx((tx) => stepAccount(tx, { accountId: ACCOUNT, balanceWei, now }));
      /** Walks in the steps that a loop takes, so that all of the time counts. */
      const wait = async (from: number, lastsMs: number) => {
        for (let at = from; at < from + lastsMs; at += MAX_STEP_MS) await step(0n, at + MAX_STEP_MS);
        return from + lastsMs;
      };
      const check = (balanceWei: bigint, now: number) =>
        inTx((tx) => checkStanding(tx, { accountId: ACCOUNT, balanceWei, now }));

      it('default: an account that nobody has looked at may ask', async () => {
        await check(0n, NOW);
        expect(await readStanding(store(), ACCOUNT)).to.equal(undefined);
      });

      it('error BILLING_PAUSED: after an hour at zero, until money comes', async () => {
        await step(100n, NOW);
        await step(0n, NOW);
        await check(0n, NOW);
        const pausedAt = await wait(NOW, GRACE_MS);
        const error = await expectError(check(0n, pausedAt), 'BILLING_PAUSED');
        expect(error.details).to.deep.equal({ leftMs: KEEP_MS });

        await check(5n, pausedAt);
        expect((await readStanding(store(), ACCOUNT))?.kind).to.equal('funded');
        expect(await told('billing.restored')).to.have.lengthOf(1);
      });

      it('behaviour: low balances, the grace and the pause are told once each', async () => {
        for (const wei of [100n, 21n, 20n, 19n, 10n, 4n, 3n, 0n]) await step(wei, NOW);
        await wait(NOW, GRACE_MS);

        const kinds = (await listEventsAfter(store(), 0, 100)).map(({ kind }) => kind);
        expect(kinds).to.deep.equal([
          'billing.low',
          'billing.low',
          'billing.low',
          'billing.grace',
          'billing.paused',
        ]);
      });

      it('behaviour: data is due after seven days with reminders', async () => {
        await step(100n, NOW);
        await step(0n, NOW);
        await wait(NOW, GRACE_MS + KEEP_MS);

        expect(await told('billing.reminder')).to.have.lengthOf(2);
        expect(await told('billing.data_due')).to.have.lengthOf(1);
        expect((await readStanding(store(), ACCOUNT))?.kind).to.equal('unfunded');
      }).timeout(60_000);

      it('behaviour: a watch sees who ran out, and writes nothing where nothing changed', async () => {
        let now = NOW;
        const watch = () => watchStandings({ store: store(), clock: { now: () => now } });
        await inTx((tx) => ledger.post(tx, aDeposit(100n)));
        await watch();
        await inTx(reserve('req_1', 100n));
        await watch();
        expect((await readStanding(store(), ACCOUNT))?.kind, 'reserved is not spent').to.equal('funded');
        await inTx(capture('req_1', 100n, 100n));
        for (; now < NOW + GRACE_MS + MAX_STEP_MS; now += MAX_STEP_MS) await watch();

        expect((await readStanding(store(), ACCOUNT))?.kind).to.equal('paused');
        expect(await told('billing.grace')).to.have.lengthOf(1);
        await inTx((tx) => ledger.post(tx, aDeposit(7n, { key: 'deposit:2' })));
        await watch();
        const seenAt = (await readStanding(store(), ACCOUNT))?.seenAt;
        now += MAX_STEP_MS;
        await watch();
        expect((await readStanding(store(), ACCOUNT))?.seenAt).to.equal(seenAt);
        expect(await told('billing.restored')).to.have.lengthOf(1);
      });

      it('behaviour: accounts that ever had money are listed page by page, and addresses without an account are not', async () => {
        for (const account of ['acc_a', 'acc_b', 'acc_c', `0x${'1'.repeat(40)}`]) {
          await inTx((tx) =>
            ledger.post(tx, {
              ...aDeposit(1n),
              key: `deposit:${account}`,
              entries: [
                { account: 'escrow', amountWei: -1n },
                { account: `user:${account}`, amountWei: 1n },
              ],
            }),
          );
        }
        const first = await listAccountsWithMoney(store(), '', 2);
        const rest = await listAccountsWithMoney(store(), first[1] ?? '', 2);
        expect([first, rest]).to.deep.equal([['acc_a', 'acc_b'], ['acc_c']]);
      });
    });
  });
}

const ownerOf = (deploymentId?: string) => ({
  accountId: ACCOUNT,
  ...(deploymentId === undefined ? {} : { deploymentId }),
});
