import type { PriceTable } from '@rios/sdk/billing/price-table';
import { createNetworkKey } from '@rios/sdk/crypto/network';
import { expect } from 'chai';
import fc from 'fast-check';
import { giveTrial } from '../../packages/orchestrator/src/billing/credit.ts';
import { endDead } from '../../packages/orchestrator/src/billing/end-dead.ts';
import { createRequestBilling } from '../../packages/orchestrator/src/billing/request-billing.ts';
import { insertAccount } from '../../packages/orchestrator/src/store/accounts.ts';
import { findBill } from '../../packages/orchestrator/src/store/bills.ts';
import { readBudget } from '../../packages/orchestrator/src/store/budgets.ts';
import { readBalance } from '../../packages/orchestrator/src/store/ledger.ts';
import { addPriceTable, listPriceTables } from '../../packages/orchestrator/src/store/price-tables.ts';
import { insertRequest, STOPPED } from '../../packages/orchestrator/src/store/requests.ts';
import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import { buildReceipt, STARTED_AT } from '../../packages/orchestrator/test/support/bill.ts';
import { expectError } from '../../packages/orchestrator/test/support/expect-error.ts';
import { aLedger } from '../support/a-ledger.ts';
import { auditLedger } from '../support/ledger-audit.ts';
import type { LedgerBackend, LedgerPlace } from './ledger.ts';
import { aDay, asDay, type DayOfRequest, paidDays, ticketsOf } from './paid-days.ts';

const key = createNetworkKey(new Uint8Array(32).fill(5));
const MODEL_HASH = 'a'.repeat(64);
const ORCHESTRATOR = 'orchestrator_1';
const END = { ...STOPPED, finishedAt: STARTED_AT + 3_000 };

/** What billing a request must do in the store, whichever database is it. Run it once per backend. */
export function requestBillingContract(backend: LedgerBackend): void {
  describe(`request billing on ${backend.name}`, () => {
    let place: LedgerPlace;
    let store: Store;
    let nowMs = STARTED_AT;
    const billing = createRequestBilling({
      networkId: key.networkId,
      networkPublicKey: key.publicKey,
      clock: { now: () => nowMs },
      monotonicMs: () => nowMs - STARTED_AT,
    });
    beforeEach(async () => {
      place = await backend.create();
      store = await createStore(place.options);
      nowMs = STARTED_AT;
    });
    afterEach(async () => {
      await store.destroy();
      await place.remove();
    });
    after(() => backend.close?.());

    const inTx = <T>(work: (tx: Store) => Promise<T>): Promise<T> => store.transaction().execute(work);
    const insert = async ({ requestId: id, accountId }: DayOfRequest) => {
      const account = { id: accountId, name: accountId, blob_quota_bytes: 1, created_at: nowMs };
      await insertAccount(store, account);
      await inTx((tx) => giveTrial(tx, accountId, nowMs));
      await insertRequest(store, {
        id,
        accountId,
        model: 'tiny',
        createdAt: nowMs,
        orchestrator: ORCHESTRATOR,
      });
    };
    const begin = (day: DayOfRequest, attempt = 1) =>
      inTx((tx) =>
        billing.begin(tx, {
          accountId: day.accountId,
          requestId: day.requestId,
          attempt,
          model: 'tiny',
          modelHash: MODEL_HASH,
          tickets: ticketsOf(day),
        }),
      );
    const receiptsOf = ({ requestId, work }: DayOfRequest) =>
      work.flatMap(({ signs, nonce, worker, askWei }) =>
        signs.map((claim) =>
          buildReceipt({
            networkId: key.networkId,
            requestId,
            worker,
            ticketNonce: nonce,
            price: String(askWei),
            startedAt: STARTED_AT,
            finishedAt: nowMs,
            ...claim,
          }),
        ),
      );
    const setTable = async (table: PriceTable) => {
      const [last] = await listPriceTables(store, 1);
      const next = { ...table, version: (last?.version ?? 1) + 1 };
      await inTx((tx) => addPriceTable(tx, next, { now: nowMs, by: 'acc_1' }));
    };
    const live = async (day: DayOfRequest) => {
      await insert(day);
      if (day.isRetried) await begin(day);
      const bill = await begin(day, day.isRetried ? 2 : 1);
      nowMs += 1_000;
      if (day.end === 'dead') return inTx((tx) => endDead(tx, { id: day.requestId }, END));
      const isWrong = day.end === 'wrong';
      const outcome = day.end === 'wrong' ? 'failed' : day.end;
      const end = { outcome, reason: null, receipts: receiptsOf(day), isWrong } as const;
      return inTx((tx) => billing.end(tx, bill, end));
    };

    it('behaviour: for random prices, usage and failures, debits are credits, platform and carry, to the wei', async () => {
      await fc.assert(
        fc.asyncProperty(paidDays, async ({ table, days }) => {
          await setTable(table);
          for (const wish of days) await live(asDay(wish));
          expect(await differences(store)).to.deep.equal([]);
        }),
        { numRuns: backend.name === 'sqlite' ? 60 : 15, endOnFailure: true },
      );
    });

    it('behaviour: an account is given its trial credit once, by however many at a time', async () => {
      const give = () => inTx((tx) => giveTrial(tx, 'acc_1', nowMs));

      const given = await Promise.all([give(), give(), give(), give()]);

      expect(given.filter(Boolean)).to.have.length(1);
      expect(await readBalance(store, 'user:acc_1')).to.equal(10n ** 19n);
    });

    it('error BILLING_HOLD_ENDED: an attempt ends once, whoever ends it', async () => {
      const day = aDay();
      await insert(day);
      const bill = await begin(day);
      const end = { outcome: 'served', reason: null, receipts: receiptsOf(day) } as const;
      await inTx((tx) => billing.end(tx, bill, end));

      await expectError(
        inTx((tx) => billing.end(tx, bill, end)),
        'BILLING_HOLD_ENDED',
      );
      await inTx((tx) => endDead(tx, { orchestrator: ORCHESTRATOR }, END));

      expect((await findBill(store, day.requestId))?.outcome).to.equal('served');
      expect(await differences(store)).to.deep.equal([]);
    });

    it('behaviour: a dead attempt gives all back, of the budget too', async () => {
      const day = aDay();
      await insert(day);
      await begin(day);

      await inTx((tx) => endDead(tx, { orchestrator: ORCHESTRATOR }, END));

      expect(await readBalance(store, `user:${day.accountId}`)).to.equal(10n ** 19n);
      expect((await readBudget(store, `account:${day.accountId}`))?.state.reservedWei).to.equal(0n);
      expect(await findBill(store, day.requestId)).to.include({ outcome: 'failed', reason: STOPPED.code });
    });
  });
}

/** What bills, lines and ledger do not agree on; nothing, when all is well and no request runs. */
async function differences(store: Store): Promise<string[]> {
  const { balances, findings, sumWei } = await auditLedger(store, aLedger());
  const bills = await store.selectFrom('bills').selectAll().execute();
  const lines = await store.selectFrom('bill_lines').selectAll().execute();
  const sum = (wei: readonly string[]) => wei.reduce((total, each) => total + BigInt(each), 0n);
  const have = (kind: string) =>
    [...balances].filter(([account]) => account.startsWith(kind)).reduce((total, [, wei]) => total + wei, 0n);
  const debitsWei = -have('trial') - have('user:') - have('held:');
  const workersWei = sum(lines.map(({ worker_wei }) => worker_wei));
  const platformWei = sum(lines.map(({ platform_wei }) => platform_wei));
  const linesWei = sum(lines.map(({ amount_wei }) => amount_wei));
  const checks: readonly (readonly [string, bigint, bigint])[] = [
    ['the ledger adds up', sumWei, 0n],
    ['nothing is held', have('held:'), 0n],
    ['debits are credits, platform and carry', debitsWei, have('worker:') + have('platform') + have('carry')],
    ['debits are bills', debitsWei, sum(bills.map(({ total_wei }) => total_wei))],
    ['bills are lines', debitsWei, linesWei],
    ['workers got their lines', have('worker:'), workersWei],
    ['the platform got its share', have('platform'), platformWei],
    ['the rest is carried', have('carry'), linesWei - workersWei - platformWei],
  ];
  return [
    ...findings,
    ...checks.flatMap(([what, is, is2]) => (is === is2 ? [] : [`${what}: ${is} and ${is2}`])),
  ];
}
