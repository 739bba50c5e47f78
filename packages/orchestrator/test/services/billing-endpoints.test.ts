import { DEFAULT_PRICE_TABLE } from '@rios/sdk/billing/price-table';
import { expect } from 'chai';
import type { Caller } from '../../src/gateway/endpoint.ts';
import { type BillingEndpoints, createBillingEndpoints } from '../../src/services/billing-endpoints.ts';
import { createBillingViews } from '../../src/services/billing-views.ts';
import { listAuditBefore } from '../../src/store/audit.ts';
import { keepNothing } from '../../src/store/keep-answer.ts';
import { readBalance } from '../../src/store/ledger.ts';
import type { Store } from '../../src/store/store.ts';
import { expectError } from '../support/expect-error.ts';
import { addDeployment } from '../support/seed-deployments.ts';
import { addAccount, openMemoryStore } from '../support/seed-store.ts';

const ADA = 'acc_ada0000000';
const NOW = 1_000_000;
const OPERATOR: Caller = {
  accountId: 'acc_operator00',
  name: 'local',
  role: 'admin',
  scopes: new Set(['network', 'account']),
  blobQuotaBytes: 0,
};

describe('createBillingEndpoints', () => {
  let store: Store;
  let endpoints: BillingEndpoints;
  beforeEach(async () => {
    store = await openMemoryStore();
    await addAccount(store, ADA);
    const clock = { now: () => NOW };
    endpoints = createBillingEndpoints({
      store,
      clock,
      views: createBillingViews({ store, clock, networkId: 'net_1' }),
      quotes: {
        create: async () => {
          throw new Error('no quotes here');
        },
      },
    });
  });
  afterEach(() => store?.destroy());

  const call = <Body>(body: Body) => ({
    params: {},
    query: {},
    body,
    bytes: new Uint8Array(),
    caller: OPERATOR,
    requestId: 'req_0123456789',
    address: '127.0.0.1',
    keepAnswer: keepNothing,
    signal: new AbortController().signal,
  });
  const audited = async () =>
    (await listAuditBefore(store, 1_000, 10)).map(({ action, subject }) => [action, subject]);

  it('default: credit is money of the account, each time anew, and in the audit log', async () => {
    const give = () => endpoints.giveCredit(call({ accountId: ADA, amountWei: '5' }));
    expect(await give()).to.deep.equal({ accountId: ADA, amountWei: '5', balanceWei: '5' });
    expect(await give()).to.include({ balanceWei: '10' });

    expect(await readBalance(store, 'trial')).to.equal(-10n);
    expect(await audited()).to.deep.equal([
      ['billing.credit', ADA],
      ['billing.credit', ADA],
    ]);
  });

  it('error NOT_FOUND, USER_INVALID_REQUEST: credit for nobody, and of nothing', async () => {
    await expectError(endpoints.giveCredit(call({ email: 'x@example.org', amountWei: '5' })), 'NOT_FOUND');
    await expectError(endpoints.giveCredit(call({ accountId: 'acc_nobody', amountWei: '5' })), 'NOT_FOUND');
    const nothing = endpoints.giveCredit(call({ accountId: ADA, amountWei: '0' }));
    await expectError(nothing, 'USER_INVALID_REQUEST');

    expect(await readBalance(store, 'trial')).to.equal(0n);
    expect(await audited()).to.deep.equal([]);
  });

  it('default: the next price table counts from its time; one with an old version is refused', async () => {
    const next = { ...DEFAULT_PRICE_TABLE, version: 2, platformBps: 500 };
    await endpoints.setPrices(call(next));
    expect(await endpoints.getPrices(call(undefined))).to.deep.equal(next);
    await endpoints.setPrices(call({ ...next, version: 3, effectiveAt: NOW + 1 }));

    expect(await endpoints.getPrices(call(undefined))).to.deep.equal(next);
    await expectError(endpoints.setPrices(call(next)), 'BILLING_PRICE');
    expect(await audited()).to.deep.equal([
      ['prices.set', '3'],
      ['prices.set', '2'],
    ]);
  });

  it('default: a budget is the caller’s own, and its change is in the audit log', async () => {
    const view = await endpoints.setBudget(call({ day: '50', month: null }));
    expect(view).to.deep.include({ scope: 'account', requestLimitWei: null });
    const { budgets } = (await endpoints.listBudgets(call(undefined))) as { budgets: unknown[] };

    expect(budgets).to.deep.equal([view]);
    expect(await audited()).to.deep.equal([['budget.set', OPERATOR.accountId]]);
  });

  it('option: deployment: a deployment has a budget of its own, which only its owner may set', async () => {
    const id = await addDeployment(store, { name: 'hello', accountId: OPERATOR.accountId });
    const body = { day: '50', deployment: 'hello' };
    const view = await endpoints.setBudget(call(body));

    expect(view).to.deep.include({ scope: `deployment:${id}` });
    expect(await audited()).to.deep.equal([['budget.set', id]]);
    const eve = { ...call(body), caller: { ...OPERATOR, accountId: ADA, role: 'developer' as const } };
    await expectError(endpoints.setBudget(eve), 'NOT_FOUND_DEPLOYMENT');
  });

  it('behaviour: an account that never had money stands as unfunded', async () => {
    expect(await endpoints.getBalance(call(undefined))).to.deep.include({
      balanceWei: '0',
      standing: { kind: 'unfunded', leftMs: null },
    });
  });
});
