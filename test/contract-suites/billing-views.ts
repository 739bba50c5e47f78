import { joinInvoice } from '@rios/sdk/billing/invoice';
import type { Bill, InvoicePage } from '@rios/sdk/schema/billing';
import { expect } from 'chai';
import { changeBudget, reserveBudgets } from '../../packages/orchestrator/src/billing/account-budgets.ts';
import {
  type BillingViews,
  createBillingViews,
} from '../../packages/orchestrator/src/services/billing-views.ts';
import { insertBill } from '../../packages/orchestrator/src/store/bills.ts';
import { addEvent } from '../../packages/orchestrator/src/store/events.ts';
import { insertRequest } from '../../packages/orchestrator/src/store/requests.ts';
import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import { expectError } from '../../packages/orchestrator/test/support/expect-error.ts';
import { addAccount } from '../../packages/orchestrator/test/support/seed-store.ts';
import type { LedgerBackend, LedgerPlace } from './ledger.ts';

const DAY_MS = 86_400_000;
const MAY = Date.UTC(2026, 4, 1);
const NOW = Date.UTC(2026, 4, 20, 12);
const ADA = { id: 'acc_ada0000000', name: 'ada@example.org' };
const EVE = { id: 'acc_eve0000000', name: 'eve@example.org' };
const requestOf = (index: number) => `req_${String(index).padStart(12, '0')}`;

/** What accounts see of their bills, whichever database holds them. Run it once per backend. */
export function billingViewsContract(backend: LedgerBackend): void {
  describe(`billing views on ${backend.name}`, () => {
    let place: LedgerPlace;
    let store: Store;
    let views: BillingViews;
    beforeEach(async () => {
      place = await backend.create();
      store = await createStore(place.options);
      views = createBillingViews({ store, clock: { now: () => NOW }, networkId: `net_${'1'.repeat(32)}` });
    });
    afterEach(async () => {
      await store?.destroy();
      await place.remove();
    });
    after(() => backend.close?.());

    /** A bill of two lines: a charge of `wei`, and one that was refused. */
    const addBill = async (index: number, at: number, wei: number, accountId = ADA.id) => {
      const requestId = requestOf(index);
      const shared = { request_id: requestId, account_id: accountId, at, fee_bps: 1000, epoch: null };
      const bill = {
        request_id: requestId,
        account_id: accountId,
        model: index % 2 === 0 ? 'even' : 'odd',
        outcome: 'partial' as const,
        total_wei: String(wei),
        reserved_wei: '1000',
        table_version: 1,
        quote_id: null,
        reason: 'PEER_LOST',
        at,
      };
      const nothing = { price_wei: '0', amount_wei: '0', worker_wei: '0', platform_wei: '0' };
      const charge = {
        ...shared,
        line: 1,
        kind: 'charge' as const,
        worker: `worker-${index % 3}`,
        receipt_nonce: `a${index}`,
        units: wei,
        price_wei: '1000000',
        amount_wei: String(wei),
        worker_wei: String(wei),
        platform_wei: '0',
        reason: null,
        message: null,
        transfer_id: index,
      };
      const refused = {
        ...shared,
        ...nothing,
        line: 2,
        kind: 'refused' as const,
        worker: 'worker-9',
        receipt_nonce: `b${index}`,
        units: 5,
        reason: 'no_receipt',
        message: 'it sent no receipt',
        transfer_id: null,
      };
      await store.transaction().execute((tx) => insertBill(tx, bill, [charge, refused]));
    };
    const may = { from: MAY, to: MAY + 31 * DAY_MS };
    /** All pages. */
    const readAll = async (): Promise<[InvoicePage, ...InvoicePage[]]> => {
      const pages: [InvoicePage, ...InvoicePage[]] = [await views.invoice(ADA, may)];
      for (let next = pages[0].next; next !== null; ) {
        const page = await views.invoice(ADA, { ...may, after: next });
        pages.push(page);
        next = page.next;
      }
      return pages;
    };

    it('behaviour: an invoice of many bills, several at one time, has each line once', async () => {
      // pages end inside a group of bills of the same millisecond
      for (let index = 0; index < 1_100; index++) await addBill(index, MAY + Math.floor(index / 7), index);
      await addBill(2_000, MAY - 1, 50);
      await addBill(2_001, may.to, 50);
      await addBill(2_002, MAY, 50, EVE.id);
      const pages = await readAll();
      const invoice = joinInvoice(pages);

      expect(pages.length).to.equal(3);
      expect(new Set(invoice.bills.map(({ requestId }) => requestId)).size).to.equal(1_100);
      expect(invoice.bills).to.have.lengthOf(1_100);
      expect(invoice.lines).to.have.lengthOf(2_200);
      expect(invoice.totalWei).to.equal(String((1_099 * 1_100) / 2));
      expect(invoice.lines[1]).to.include({ kind: 'refused', message: 'it sent no receipt' });
    }).timeout(60_000);

    it('behaviour: history goes back page by page, newest first', async () => {
      for (let index = 0; index < 25; index++) await addBill(index, MAY + (index >> 2), 1);
      await addBill(30, MAY, 1, EVE.id);
      const seen: Bill[] = [];
      let before: string | undefined;
      do {
        const page = await views.bills(ADA.id, { limit: 10, before });
        seen.push(...page.bills);
        before = page.next ?? undefined;
      } while (before !== undefined);

      expect(seen.map(({ requestId }) => requestId)).to.deep.equal(
        Array.from({ length: 25 }, (_, index) => requestOf(24 - index)),
      );
    });

    it('default: usage by day, model and worker comes to the same sum', async () => {
      for (let index = 0; index < 12; index++) await addBill(index, MAY + index * (DAY_MS / 4), 10);
      await addBill(30, MAY, 99, EVE.id);
      const report = async (by: 'day' | 'model' | 'worker') => {
        const { rows, total } = await views.usage({ ...may, accountId: ADA.id }, by);
        expect(total, by).to.deep.equal({ requests: 12, units: 120, amountWei: '120' });
        return rows.map(({ key, requests, amountWei }) => [key, requests, amountWei]);
      };

      expect(await report('day')).to.deep.equal([
        ['2026-05-01', 4, '40'],
        ['2026-05-02', 4, '40'],
        ['2026-05-03', 4, '40'],
      ]);
      expect(await report('model')).to.deep.equal([
        ['even', 6, '60'],
        ['odd', 6, '60'],
      ]);
      expect(await report('worker')).to.deep.equal([
        ['worker-0', 4, '40'],
        ['worker-1', 4, '40'],
        ['worker-2', 4, '40'],
      ]);
    });

    it('error NOT_FOUND: the bill and the receipts of somebody else’s request', async () => {
      await addAccount(store, ADA.id);
      await insertRequest(store, {
        id: requestOf(1),
        accountId: ADA.id,
        model: 'odd',
        createdAt: MAY,
        orchestrator: 'peer',
      });
      await addBill(1, MAY, 10);
      const request = requestOf(1);

      expect((await views.invoice(ADA, { request })).lines).to.have.lengthOf(2);
      expect((await views.receipts(ADA.id, request)).bill?.totalWei).to.equal('10');
      await expectError(views.invoice(EVE, { request }), 'NOT_FOUND');
      await expectError(views.receipts(EVE.id, request), 'NOT_FOUND');
      expect((await views.invoice(EVE, may)).bills).to.deep.equal([]);
    });

    it('behaviour: a budget is seen as of now: yesterday’s spending is not today’s', async () => {
      const inTx = <T>(work: (tx: Store) => Promise<T>) => store.transaction().execute(work);
      await inTx((tx) => changeBudget(tx, { accountId: ADA.id }, { day: 50n }, NOW - DAY_MS));
      await inTx((tx) => reserveBudgets(tx, { accountId: ADA.id, amountWei: 20n, now: NOW - DAY_MS }));
      const [own, ...rest] = await views.budgets(ADA.id);

      expect(rest).to.deep.equal([]);
      expect(own).to.deep.include({ scope: 'account', requestLimitWei: null, reservedWei: '20' });
      expect(own?.day).to.deep.equal({ limitWei: '50', spentWei: '0', endsAt: MAY + 20 * DAY_MS });
      expect((await views.budgets(EVE.id))[0]?.day.limitWei).to.equal(null);
    });

    it('behaviour: alerts are the account’s own, and about money only', async () => {
      const tell = (kind: string, accountId: string) =>
        addEvent(store, { at: MAY, kind, subject: accountId, message: kind, accountId });
      await tell('billing.low', ADA.id);
      await tell('request.failed', ADA.id);
      await tell('billing.low', EVE.id);
      await tell('billing.grace', ADA.id);

      const alerts = await views.alerts(ADA.id, 10);
      expect(alerts.map(({ kind }) => kind)).to.deep.equal(['billing.grace', 'billing.low']);
      expect(await views.alerts(ADA.id, 1)).to.have.lengthOf(1);
    });
  });
}
