import { hasCode } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { changeBudget, type LimitsChange } from '../../src/billing/account-budgets.ts';
import { stepAccount } from '../../src/billing/account-standing.ts';
import { GRACE_MS, MAX_STEP_MS } from '../../src/billing/balance-standing.ts';
import { readBudget } from '../../src/store/budgets.ts';
import { listEventsOf } from '../../src/store/events.ts';
import { ACCOUNT, createHarness, type Harness } from '../p2p/harness.ts';
import type { StandInWorker } from '../p2p/stand-in-worker.ts';
import { expectError } from '../support/expect-error.ts';
import {
  ASK_WEI,
  addPaidWorkers,
  billOf,
  findingsOf,
  firstStageOf,
  paidBy,
  spendAllBut,
} from './paid-harness.ts';

const AT_ONCE = 24;

describe('budgets of requests', () => {
  let harness: Harness;
  let worker: StandInWorker;
  beforeEach(async () => {
    harness = await createHarness();
    const workers = await addPaidWorkers(harness, 1);
    await harness.addModel('small', { shape: 'replica', spread: false });
    worker = await firstStageOf(harness, workers);
  });
  afterEach(async () => {
    expect(await findingsOf(harness)).to.deep.equal([]);
    await harness.close();
  });

  const limit = (change: LimitsChange) =>
    harness.store
      .transaction()
      .execute((tx) => changeBudget(tx, { accountId: ACCOUNT }, change, harness.clock.now()));
  const run = async () => {
    const request = harness.request();
    await harness.network.inference.run(request);
    return (await billOf(harness, request.requestId)).bill;
  };
  const stateOf = async () => (await readBudget(harness.store, `account:${ACCOUNT}`))?.state;

  it('behaviour: of many requests at once only so many start as the budget has room for; no wei is over it', async () => {
    const first = await run();
    const [reservedWei, paidWei] = [BigInt(first?.reserved_wei ?? 0), BigInt(first?.total_wei ?? 0)];
    const limitWei = paidWei + 3n * reservedWei;
    await limit({ day: limitWei });
    const outcomes = await Promise.all(
      Array.from({ length: AT_ONCE }, () =>
        run().then(
          () => 'served',
          (error: unknown) => (hasCode(error, 'QUOTA_BUDGET') ? 'refused' : String(error)),
        ),
      ),
    );
    const served = outcomes.filter((outcome) => outcome === 'served').length;

    expect(served).to.be.within(3, AT_ONCE - 1);
    expect(outcomes.filter((outcome) => outcome === 'refused')).to.have.lengthOf(AT_ONCE - served);
    const state = await stateOf();
    expect(state?.reservedWei).to.equal(0n);
    expect(state?.day.spentWei).to.equal(await paidBy(harness));
    expect((state?.day.spentWei ?? 0n) <= limitWei).to.equal(true);
  });

  it('error QUOTA_BUDGET: one request that may cost too much; it is told what is missing, and nothing is held', async () => {
    await limit({ request: 1n });
    const error = await expectError(run(), 'QUOTA_BUDGET');

    expect(error.details).to.include({ period: 'request', limitWei: '1' });
    expect((await stateOf())?.reservedWei).to.equal(0n);
  });

  it('behaviour: what was paid is told once each percent, the highest that one request reached', async () => {
    const reservedWei = BigInt((await run())?.reserved_wei ?? 0);
    const mostUnits = Number((reservedWei * 1_000_000n) / ASK_WEI);
    worker.behaviour.tamper = (receipt) => ({ ...receipt, units: Math.floor(mostUnits * 0.9) });
    await limit({ month: 4n * reservedWei });
    for (let request = 0; request < 4; request++) await run();
    await expectError(run(), 'QUOTA_BUDGET');

    const alerts = await listEventsOf(harness.store, ACCOUNT, 'billing.', 9);
    expect(alerts.map(({ message }) => message.slice(0, 30))).to.deep.equal([
      "90 % of this month's budget is",
      "50 % of this month's budget is",
    ]);
  });

  it('error BILLING_PAUSED: after the hour of grace at zero', async () => {
    await run();
    await spendAllBut(harness, 0n);
    const now = harness.clock.now();
    const step = (at: number, balanceWei: bigint) =>
      harness.store
        .transaction()
        .execute((tx) => stepAccount(tx, { accountId: ACCOUNT, balanceWei, now: at }));
    await step(now, 1n);
    await expectError(run(), 'QUOTA_BALANCE');
    for (let at = now; at <= now + GRACE_MS + MAX_STEP_MS; at += MAX_STEP_MS) await step(at, 0n);

    await expectError(run(), 'BILLING_PAUSED');
  });
});
