import { expect } from 'chai';
import { createLedger } from '../../packages/orchestrator/src/billing/ledger.ts';
import type { Ledger } from '../../packages/orchestrator/src/billing/ledger-types.ts';
import { insertReceipt } from '../../packages/orchestrator/src/store/receipts.ts';
import { insertRequest } from '../../packages/orchestrator/src/store/requests.ts';
import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import { aCharge, splitTenth } from '../support/a-ledger.ts';
import { auditBills } from './audit-bills.ts';
import { auditClients, countUnseen } from './audit-clients.ts';
import { auditSettled } from './audit-settled.ts';
import { planBillingDeaths } from './billing-deaths.ts';
import { readBooksOf } from './books.ts';
import { FAULT_POINTS } from './fault-points.ts';
import { createSeen, type Seen } from './seen.ts';

const NOW = 1_000;
/** 10 units at 1 ROS for 1,000,000 of them. */
const CHARGE = aCharge();
const HELD_WEI = 5n * CHARGE.amountWei;

describe('the audit of the books after kills', () => {
  let store: Store;
  let ledger: Ledger;
  beforeEach(async () => {
    store = await createStore({ file: ':memory:' });
    ledger = createLedger({ clock: { now: () => NOW }, splitCharge: splitTenth });
    const account = { id: 'acc_1', name: 'Ada', blob_quota_bytes: 1, created_at: 1 };
    await store.insertInto('accounts').values(account).execute();
    await inOne((tx) => ledger.post(tx, credit));
    const funds = { deposited_wei: '0', vouched_wei: '0', debt_wei: '0' };
    const credited_wei = String(CREDIT_WEI);
    await store
      .insertInto('account_funds')
      .values({ account_id: 'acc_1', ...funds, credited_wei })
      .execute();
  });
  afterEach(() => store.destroy());

  const inOne = <T>(work: (tx: Store) => Promise<T>) => store.transaction().execute(work);
  const begin = async (id: string) => {
    const facts = { accountId: 'acc_1', model: 'tiny-moe', createdAt: NOW, orchestrator: 'a' };
    await insertRequest(store, { id, ...facts });
    await inOne((tx) => ledger.reserve(tx, { requestId: id, accountId: 'acc_1', amountWei: HELD_WEI }));
  };
  const end = (id: string, state: 'succeeded' | 'failed') =>
    store.updateTable('requests').set({ state }).where('id', '=', id).execute();
  /** A request that was served and paid as it is to be; `over` is what the bill says otherwise. */
  const serve = async (id: string, over: { total?: bigint; nonce?: string } = {}) => {
    const nonce = over.nonce ?? id.padEnd(32, '0');
    const charge = { ...CHARGE, receiptNonce: nonce };
    await begin(id);
    const { id: transferId } = await inOne((tx) => ledger.capture(tx, { requestId: id, charges: [charge] }));
    await end(id, 'succeeded');
    await addReceipt(id, nonce);
    await store
      .insertInto('bills')
      .values(aBill(id, { total_wei: String(over.total ?? CHARGE.amountWei) }))
      .execute();
    await store
      .insertInto('bill_lines')
      .values(aLine(id, nonce, transferId))
      .execute();
  };
  const addReceipt = (requestId: string, nonce: string) => {
    const signed = { payload: 'p', signature: 's' };
    const { worker: workerId, units } = CHARGE;
    return insertReceipt(store, { requestId, workerId, nonce, units, signed, receivedAt: NOW });
  };
  const findings = async (bornAt = NOW) => auditBills(await readBooksOf(store), bornAt);
  const seenBy = (over: Partial<Seen>): Seen => ({ ...createSeen(), ...over });

  it('default: nothing is wrong with requests that were paid, are running, or never began', async () => {
    await serve('req_1');
    await begin('req_2');

    expect(await findings()).to.deep.equal([]);
    await inOne((tx) => ledger.release(tx, 'req_2'));
    await end('req_2', 'failed');
    const failed = { outcome: 'failed' as const, total_wei: '0', reason: 'PEER_LOST' };
    await store.insertInto('bills').values(aBill('req_2', failed)).execute();

    const books = await readBooksOf(store);
    expect([...auditBills(books, NOW), ...auditSettled(books)]).to.deep.equal([]);
    expect(auditClients(books, seenBy({}))).to.deep.equal([]);
  });

  it('behaviour: a hold that outlived its request, or its orchestrator, is told', async () => {
    await begin('req_1');
    expect(await findings(NOW + 1)).to.deep.equal(['req_1 died, and money is held for it']);

    await end('req_1', 'failed');

    expect(await findings()).to.deep.equal(['req_1 has failed, and money is held for it']);
  });

  it('behaviour: an answer without a bill, and a bill without an answer', async () => {
    await begin('req_1');
    await inOne((tx) => ledger.release(tx, 'req_1'));
    expect(await findings()).to.include('req_1 is running, and its hold has ended');

    await end('req_1', 'succeeded');
    expect(await findings()).to.include('req_1 was answered, and has no bill');
    await store.insertInto('bills').values(aBill('req_9', {})).execute();

    expect(await findings()).to.include('a bill is of no request: req_9');
  });

  it('behaviour: a bill that says something else than the ledger, to the wei', async () => {
    await serve('req_1', { total: CHARGE.amountWei + 1n });

    const said = CHARGE.amountWei + 1n;
    expect(await findings()).to.deep.equal([
      `req_1: what the user paid is ${CHARGE.amountWei}, not ${said}`,
      `req_1: the sum of its lines is ${CHARGE.amountWei}, not ${said}`,
    ]);
  });

  it('behaviour: a charge without a receipt, at another price, or for a ticket that was paid', async () => {
    const nonce = 'f'.repeat(32);
    await serve('req_1', { nonce });
    await serve('req_2');
    await store.deleteFrom('receipts').where('request_id', '=', 'req_1').execute();
    const books = await readBooksOf(store);
    // the store itself refuses a second line for a ticket
    const lines = books.lines.map((line) => ({ ...line, receipt_nonce: nonce }));

    const found = auditBills({ ...books, lines: lines.map((line) => ({ ...line, price_wei: '1' })) }, NOW);

    expect(found).to.include('req_1, line 1 has no such receipt');
    expect(found).to.include(`req_2, line 1: ticket ${nonce} is paid twice`);
    expect(found).to.include(`req_2, line 1 costs ${CHARGE.amountWei}, not 0`);
    expect(found).to.include('req_2: its lines are not the ledger’s charges');
  });

  it('behaviour: clients that were told something else than the books', async () => {
    await serve('req_1');
    await begin('req_2');
    const books = await readBooksOf(store);
    const seen = seenBy({
      answered: [{ id: 'req_3', tokens: 1 }],
      refused: ['req_1'],
      deposits: ['0x1'],
      vouchers: ['0xa 1'],
    });

    expect(auditClients(books, seen)).to.deep.equal([
      'bill of an answered request req_3 is there 0 times',
      'req_1 was refused, and is billed as served',
      'req_3: the client was told another usage',
      'deposit 0x1 is there 0 times',
      'voucher 0xa 1 is there 0 times',
      'req_2 is still running',
      `held:acc_1 is ${HELD_WEI} at rest`,
    ]);
    expect(countUnseen(books, seen)).to.equal(1);
  });

  it('behaviour: an epoch whose sums are not its lines’, and money that is nowhere', async () => {
    await serve('req_1');
    await store.updateTable('bill_lines').set({ epoch: 1 }).execute();
    await store.insertInto('epochs').values(anEpoch()).execute();
    await store.updateTable('account_funds').set({ credited_wei: '1' }).execute();

    const workerWei = (CHARGE.amountWei * 9n) / 10n;
    expect(auditSettled(await readBooksOf(store))).to.deep.equal([
      `credit is ${-CREDIT_WEI}, not -1`,
      `epoch 1: 7 earned, its lines say ${workerWei}`,
      '0 are settled, the newest epoch says 7',
      `worker:${CHARGE.worker} is ${workerWei}, its open lines 0`,
    ]);
  });
});

describe('the plan of a drill of the accounts', () => {
  it('default: the same for the same seed, and other points for another', () => {
    const points = (seed: number) => planBillingDeaths(seed, 200).map(({ point }) => point);

    expect(planBillingDeaths(1, 200)).to.deep.equal(planBillingDeaths(1, 200));
    expect(points(1)).to.not.deep.equal(points(2));
  });

  it('behaviour: each point comes before any comes twice, at once; some die again as they start', () => {
    const deaths = planBillingDeaths(7, 200);
    const first = deaths.slice(0, Object.keys(FAULT_POINTS).length);

    expect(first.map(({ point }) => point)).to.have.members(Object.keys(FAULT_POINTS));
    expect(first.every(({ passes }) => passes === 0)).to.equal(true);
    const again = deaths.filter(({ againMs }) => againMs !== undefined);
    expect(again.length).to.be.within(15, 50);
  });
});

const CREDIT_WEI = 10n ** 18n;
const credit = {
  key: 'trial:acc_1',
  kind: 'trial',
  at: NOW,
  ref: 'acc_1',
  entries: [
    { account: 'trial' as const, amountWei: -CREDIT_WEI },
    { account: 'user:acc_1' as const, amountWei: CREDIT_WEI },
  ],
};

const aBill = (id: string, over: { outcome?: 'failed'; total_wei?: string; reason?: string }) => ({
  request_id: id,
  account_id: 'acc_1',
  model: 'tiny-moe',
  outcome: 'served' as const,
  total_wei: String(CHARGE.amountWei),
  reserved_wei: String(HELD_WEI),
  table_version: 1,
  quote_id: null,
  reason: null,
  at: NOW,
  ...over,
});

const aLine = (id: string, nonce: string, transferId: number) => {
  const { workerWei, platformWei } = splitTenth(CHARGE.amountWei);
  return {
    request_id: id,
    line: 1,
    kind: 'charge' as const,
    account_id: 'acc_1',
    worker: CHARGE.worker,
    receipt_nonce: nonce,
    units: CHARGE.units,
    price_wei: String(CHARGE.priceWei),
    amount_wei: String(CHARGE.amountWei),
    worker_wei: String(workerWei),
    platform_wei: String(platformWei),
    fee_bps: 1_000,
    reason: null,
    message: null,
    transfer_id: transferId,
    epoch: null,
    at: NOW,
  };
};
const anEpoch = () => ({
  chain_id: 1,
  rewards: '0xa',
  epoch: 1,
  state: 'built' as const,
  fee_bps: 1_000,
  from_at: NOW,
  to_at: NOW,
  carried_before_wei: '0',
  attempt: 1,
  secret_hex: '00',
  closed_at: NOW,
  built_at: NOW,
  paid_wei: String(CHARGE.amountWei),
  earned_wei: '7',
  total_wei: '7',
});
