import { faultOfLine } from '@rios/sdk/billing/check-bill-line';
import { signContainerReceipt } from '@rios/sdk/crypto/container-receipt';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { silentLog } from '@rios/sdk/log';
import type { ContainerReceipt } from '@rios/sdk/schema/container';
import type { Signed } from '@rios/sdk/schema/trust';
import { expect } from 'chai';
import { changeBudget } from '../../src/billing/account-budgets.ts';
import { createContainerBilling, LATE_MS } from '../../src/billing/containers/bill-containers.ts';
import { BILL_EVERY_MS, HOLD_MS, holdAmount } from '../../src/billing/containers/container-charges.ts';
import { takeReceipts } from '../../src/billing/containers/take-receipts.ts';
import { giveCredit } from '../../src/billing/credit.ts';
import { createBillingViews } from '../../src/services/billing-views.ts';
import { findUsage } from '../../src/store/container-usage.ts';
import { getDeployment } from '../../src/store/deployments.ts';
import { listOpenLines } from '../../src/store/epoch-lines.ts';
import { listEventsOf } from '../../src/store/events.ts';
import { readBalance } from '../../src/store/ledger.ts';
import { listBillsIn } from '../../src/store/read-bills.ts';
import { deleteReplica, type ReplicaRecord } from '../../src/store/replicas.ts';
import type { Store } from '../../src/store/store.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { addDeployment, addReplica, anAppSpec } from '../support/seed-deployments.ts';
import { addAccount, openMemoryStore } from '../support/seed-store.ts';

const OWNER = 'acc_owner00000';
const NETWORK = `net_${'1'.repeat(32)}`;
const WORKER = createIdentity(new Uint8Array(32).fill(1));
const TRIAL_WEI = 10n * 10n ** 18n;
/** 0.01 ROS a core-hour, 0.005 ROS a GB-hour. */
const PRICES = { cores: String(10n ** 16n), memory: String(5n * 10n ** 15n), gpus: '0' };
/** 0.1 cores and 64 MiB for a second. */
const SECOND_WEI = (100n * 10n ** 16n + 68n * 5n * 10n ** 15n) / 3_600_000n;

describe('container billing', () => {
  let store: Store;
  let clock: ManualClock;
  let wakes: number;
  let deploymentId: string;
  let replica: ReplicaRecord;
  let step: () => Promise<void>;
  beforeEach(async () => {
    store = await openMemoryStore();
    clock = createManualClock();
    wakes = 0;
    const wake = () => {
      wakes++;
    };
    step = createContainerBilling({ store, clock, log: silentLog, wake }).step;
    await addAccount(store, OWNER);
    deploymentId = await addDeployment(store, { name: 'hello', accountId: OWNER });
    replica = await addReplica(store, deploymentId, { workerId: WORKER.peerId, prices: PRICES });
  });
  afterEach(() => store.destroy());

  const receiptOf = (ranMs: number, given: Partial<ContainerReceipt> = {}): ContainerReceipt => ({
    networkId: NETWORK,
    worker: WORKER.peerId,
    deploymentId,
    replicaId: replica.id,
    ticketNonce: replica.ticketNonce,
    sandbox: 'standard',
    cpuMillicores: anAppSpec().resources.cpuMillicores,
    memoryBytes: anAppSpec().resources.memoryBytes,
    gpus: 0,
    prices: PRICES,
    ranMs,
    startedAt: 1,
    signedAt: 2,
    ...given,
  });
  const take = (signed: Signed, from = WORKER.peerId) =>
    takeReceipts({ store, clock, log: silentLog, networkId: NETWORK }, from, [signed]);
  const ran = (ranMs: number) => take(signContainerReceipt(WORKER, receiptOf(ranMs)));
  const pass = async (ms: number) => {
    clock.advance(ms);
    await step();
  };
  const balance = (account: string) => readBalance(store, account);
  const bills = () =>
    listBillsIn(store, { accountId: OWNER, from: 0, to: 1e15 }, { after: undefined, limit: 9 });
  const paidWei = async () => TRIAL_WEI - (await balance(`user:${OWNER}`)) - (await balance(`held:${OWNER}`));
  const sumOfLedger = async () => {
    const rows = await store.selectFrom('ledger_entries').select('amount_wei').execute();
    return rows.reduce((sum, { amount_wei }) => sum + BigInt(amount_wei), 0n);
  };

  it('default: its time is held ahead, and billed by the second that the worker signed', async () => {
    await step();
    expect(await balance(`held:${OWNER}`)).to.equal(holdAmount(receiptOf(0)));

    clock.advance(BILL_EVERY_MS);
    await ran(59_001);
    await step();
    const [bill] = await bills();
    expect(bill).to.include({ model: 'app:hello', outcome: 'served', totalWei: String(await paidWei()) });
    const off = (await paidWei()) - 60n * SECOND_WEI;
    expect(off >= 0n && off < 60n, String(off)).to.equal(true);
    expect(await balance(`worker:${WORKER.peerId}`)).to.equal(((await paidWei()) * 9n) / 10n);
    expect(await balance(`held:${OWNER}`)).to.equal(holdAmount(receiptOf(0)));
    expect(await sumOfLedger()).to.equal(0n);
  });

  it('behaviour: what was billed in pieces is what all of it comes to, whatever the pieces', async () => {
    await step();
    for (const ranMs of [61_300, 121_900, 185_500]) {
      clock.advance(62_000);
      await ran(ranMs);
      await step();
    }
    await deleteReplica(store, replica.id);
    await pass(1);
    await pass(LATE_MS);

    const lines = await store.selectFrom('bill_lines').selectAll().where('kind', '=', 'cores').execute();
    expect(lines.reduce((sum, { units }) => sum + units, 0)).to.equal(186 * 100);
    expect(await balance(`held:${OWNER}`)).to.equal(0n);
    expect(await findUsage(store, replica.ticketNonce)).to.include({ billedMs: 185_500, openHold: null });
    expect(await sumOfLedger()).to.equal(0n);
  });

  it('behaviour: every line can be checked by the signed receipt alone, and no line is for another', async () => {
    await step();
    clock.advance(BILL_EVERY_MS);
    await ran(59_001);
    await step();
    const [bill] = await bills();
    const views = createBillingViews({ store, clock, networkId: NETWORK });
    const { lines, receipts } = await views.receipts(OWNER, bill?.requestId ?? '');
    const [kept] = receipts;

    expect(lines.map(({ kind }) => kind)).to.deep.equal(['cores', 'memory']);
    expect(kept?.container).to.include({ ranMs: 59_001 });
    for (const line of lines) {
      expect(faultOfLine(line, kept?.signed)).to.equal(undefined);
      expect(faultOfLine({ ...line, units: line.units * 2 }, kept?.signed)).to.be.a('string');
      expect(faultOfLine({ ...line, amountWei: `${line.amountWei}0` }, kept?.signed)).to.be.a('string');
      expect(faultOfLine({ ...line, requestId: 'run_other00000000' }, kept?.signed)).to.be.a('string');
      expect(faultOfLine(line, undefined)).to.be.a('string');
    }
  });

  const liars: [string, (now: number) => Promise<void>][] = [
    ['signed by another', () => take(signContainerReceipt(createIdentity(), receiptOf(1_000)))],
    [
      'sent by another worker',
      () => take(signContainerReceipt(WORKER, receiptOf(1_000)), createIdentity().peerId),
    ],
    [
      'of a ticket that nobody issued',
      () => take(signContainerReceipt(WORKER, receiptOf(1_000, { ticketNonce: 'f'.repeat(32) }))),
    ],
    ['longer than its ticket is old', () => take(signContainerReceipt(WORKER, receiptOf(3_600_000)))],
    [
      'of a larger container',
      () => take(signContainerReceipt(WORKER, receiptOf(1_000, { cpuMillicores: 64_000 }))),
    ],
    [
      'dearer than was agreed',
      () =>
        take(
          signContainerReceipt(WORKER, receiptOf(1_000, { prices: { ...PRICES, cores: '9'.repeat(19) } })),
        ),
    ],
    [
      'of another network',
      () => take(signContainerReceipt(WORKER, receiptOf(1_000, { networkId: `net_${'2'.repeat(32)}` }))),
    ],
    [
      'of another container',
      () => take(signContainerReceipt(WORKER, receiptOf(1_000, { replicaId: 'rpl_other00000000' }))),
    ],
  ];
  for (const [what, act] of liars) {
    it(`behaviour: a receipt that is ${what} counts nothing`, async () => {
      await step();
      clock.advance(BILL_EVERY_MS);
      await act(clock.now());
      await step();

      expect(await bills()).to.deep.equal([]);
      expect(await paidWei()).to.equal(0n);
      expect((await findUsage(store, replica.ticketNonce))?.ranMs).to.equal(0);
    });
  }

  it('behaviour: an older receipt after a newer one changes nothing', async () => {
    await step();
    clock.advance(10_000);
    await ran(9_000);
    await ran(4_000);

    expect((await findUsage(store, replica.ticketNonce))?.ranMs).to.equal(9_000);
  });

  it('behaviour: a receipt that comes before the first look is metered at once', async () => {
    await ran(1_000);

    expect((await findUsage(store, replica.ticketNonce))?.ranMs).to.equal(1_000);
  });

  it('behaviour: no bill is above what was held, however late it comes', async () => {
    await step();
    clock.advance(10 * HOLD_MS);
    await ran(10 * HOLD_MS);
    await step();

    const [bill] = await bills();
    expect(BigInt(bill?.totalWei ?? 0) <= BigInt(bill?.reservedWei ?? 0)).to.equal(true);
    expect((await findUsage(store, replica.ticketNonce))?.billedMs).to.equal(HOLD_MS);
  });

  it('behaviour: what costs nothing needs no money', async () => {
    const free = await addReplica(store, deploymentId, {
      id: 'rpl_free00000000',
      workerId: WORKER.peerId,
      prices: { cores: '0', memory: '0', gpus: '0' },
    });
    await deleteReplica(store, replica.id);
    await step();
    await pass(BILL_EVERY_MS);

    expect(await bills()).to.deep.equal([]);
    expect(await findUsage(store, free.ticketNonce)).to.include({ openHold: null, line: 0 });
    expect(await getDeployment(store, deploymentId)).to.include({ wish: 'run' });
  });

  it('behaviour: an account that cannot pay is paused, and goes on once it can', async () => {
    await store
      .transaction()
      .execute((tx) => changeBudget(tx, { accountId: OWNER }, { day: 1n }, clock.now()));
    await step();
    expect(await getDeployment(store, deploymentId)).to.include({ wish: 'pause' });
    expect((await listEventsOf(store, OWNER, 'deployment.', 9)).map(({ kind }) => kind)).to.deep.equal([
      'deployment.paused',
    ]);
    expect(await balance(`held:${OWNER}`)).to.equal(0n);
    expect(wakes).to.equal(1);

    await pass(10_000);
    expect(await getDeployment(store, deploymentId)).to.include({ wish: 'pause' });
    await store
      .transaction()
      .execute((tx) => changeBudget(tx, { accountId: OWNER }, { day: null }, clock.now()));
    const gift = { creditId: 'gift', accountId: OWNER, amountWei: TRIAL_WEI, by: OWNER };
    await store.transaction().execute((tx) => giveCredit(tx, gift, clock.now()));
    await pass(10_000);
    expect(await getDeployment(store, deploymentId)).to.include({ wish: 'run' });
    expect(wakes).to.equal(2);
  });

  it('behaviour: a deployment has a budget of its own', async () => {
    const change = { day: 1n };
    await store
      .transaction()
      .execute((tx) => changeBudget(tx, { accountId: OWNER, deploymentId }, change, clock.now()));
    await step();

    expect(await getDeployment(store, deploymentId)).to.include({ wish: 'pause' });
  });

  it('behaviour: no epoch takes what containers earned: its public file has no place for it yet', async () => {
    await step();
    clock.advance(BILL_EVERY_MS);
    await ran(59_000);
    await step();

    expect(await bills()).to.have.length(1);
    expect(await listOpenLines(store, 9)).to.deep.equal([]);
  });

  it('behaviour: two that bill at once pay once', async () => {
    await step();
    clock.advance(BILL_EVERY_MS);
    await ran(59_000);
    const other = createContainerBilling({ store, clock, log: silentLog, wake: () => {} });
    await Promise.all([step(), other.step()]);

    expect(await bills()).to.have.length(1);
    expect(await sumOfLedger()).to.equal(0n);
  });
});
