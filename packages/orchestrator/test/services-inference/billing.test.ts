import { DEFAULT_PRICE_TABLE } from '@rios/sdk/billing/price-table';
import type { ErrorCode } from '@rios/sdk/errors/catalog';
import { hasCode, RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { Incoming } from '@rios/sdk/wire/link';
import { expect } from 'chai';
import { changeBudget } from '../../src/billing/account-budgets.ts';
import { changeFunds } from '../../src/store/account-funds.ts';
import { readBudget } from '../../src/store/budgets.ts';
import { addPriceTable } from '../../src/store/price-tables.ts';
import { listReceipts } from '../../src/store/receipts.ts';
import { getRequest } from '../../src/store/requests.ts';
import { ACCOUNT, createHarness, GREEDY, type Harness } from '../p2p/harness.ts';
import type { StandInWorker } from '../p2p/stand-in-worker.ts';
import { until } from '../p2p/until.ts';
import { expectError } from '../support/expect-error.ts';
import { addAccount } from '../support/seed-store.ts';
import {
  ASK_WEI,
  addPaidWorkers,
  balanceOf,
  billOf,
  findingsOf,
  firstStageOf,
  paidBy,
  spendAllBut,
  TRIAL_WEI,
  WORK_WEI,
} from './paid-harness.ts';

const ROS = 10n ** 18n;
const MOST_WEI = BigInt(DEFAULT_PRICE_TABLE.prices.units.mostWei);
const SPREAD = { shape: 'island', spread: true } as const;
const ALONE = { shape: 'replica', spread: false } as const;

describe('billing of requests', () => {
  let harness: Harness;
  let workers: StandInWorker[];
  beforeEach(async () => {
    harness = await createHarness();
  });
  afterEach(async () => {
    expect(await findingsOf(harness)).to.deep.equal([]);
    await harness.close();
  });

  const start = async (count: number, wish: Parameters<Harness['addModel']>[1], askWei?: bigint) => {
    workers = await addPaidWorkers(harness, count, askWei);
    await harness.addModel('small', wish);
    return firstStageOf(harness, workers);
  };
  const run = async (given?: Parameters<Harness['request']>[0]) => {
    const request = harness.request(given);
    await harness.network.inference.run(request);
    return request.requestId;
  };
  const fail = async (code: ErrorCode, given?: Parameters<Harness['request']>[0]) => {
    const request = harness.request(given);
    const error = await expectError(harness.network.inference.run(request), code);
    return { error, requestId: request.requestId };
  };

  it('default: each worker gets nine tenths of its line, the platform the rest, and the bill says so', async () => {
    await start(3, SPREAD);

    const requestId = await run();

    const { bill, lines } = await billOf(harness, requestId);
    expect(bill).to.include({
      account_id: ACCOUNT,
      model: 'small',
      outcome: 'served',
      total_wei: String(3n * WORK_WEI),
      table_version: 1,
      reason: null,
    });
    expect(lines.map(({ kind, amount_wei }) => [kind, amount_wei])).to.deep.equal(
      Array.from({ length: 3 }, () => ['charge', String(WORK_WEI)]),
    );
    for (const { peerId } of workers) {
      expect(await balanceOf(harness, `worker:${peerId}`), peerId).to.equal((WORK_WEI * 9n) / 10n);
    }
    expect(await balanceOf(harness, 'platform')).to.equal((3n * WORK_WEI) / 10n);
    expect(await paidBy(harness)).to.equal(3n * WORK_WEI);
    const signed = await listReceipts(harness.store, requestId);
    expect(signed).to.have.length(lines.length);
  });

  it('behaviour: trial credit is given once, at the first use', async () => {
    await start(1, ALONE);
    await run();
    await run();

    expect(await balanceOf(harness, 'trial')).to.equal(-TRIAL_WEI);
    expect(await paidBy(harness)).to.equal(2n * WORK_WEI);
  });

  it('behaviour: what is reserved is more than what is paid, and its rest comes back with the bill', async () => {
    const first = await start(1, ALONE);
    let heldWei = 0n;
    first.behaviour.beforeAnswer = async () => {
      heldWei = await balanceOf(harness, `held:${ACCOUNT}`);
    };

    const requestId = await run();

    expect(heldWei > WORK_WEI, `${heldWei} wei were reserved`).to.equal(true);
    expect((await billOf(harness, requestId)).bill?.reserved_wei).to.equal(String(heldWei));
    expect((await readBudget(harness.store, `account:${ACCOUNT}`))?.state).to.deep.include({
      reservedWei: 0n,
    });
  });

  it('error QUOTA_BALANCE: who cannot pay the most that it may cost is refused, and no worker is asked', async () => {
    const first = await start(1, ALONE);
    await run();
    await spendAllBut(harness, WORK_WEI);
    let asked = 0;
    first.behaviour.onAsked = () => {
      asked++;
    };

    const { requestId } = await fail('QUOTA_BALANCE');

    expect(asked).to.equal(0);
    expect(await billOf(harness, requestId)).to.deep.equal({ bill: undefined, lines: [] });
    expect((await getRequest(harness.store, requestId))?.state).to.equal('failed');
    expect(await balanceOf(harness, `user:${ACCOUNT}`)).to.equal(WORK_WEI);
  });

  it('behaviour: of twelve requests at once as many run as there is money for', async () => {
    const first = await start(1, ALONE);
    const { bill } = await billOf(harness, await run());
    await spendAllBut(harness, 5n * BigInt(bill?.reserved_wei ?? 0));
    const all = Promise.withResolvers<void>();
    first.behaviour.beforeAnswer = () => all.promise;
    let refused = 0;

    const runs = Array.from({ length: 12 }, () => harness.network.inference.run(harness.request()));
    for (const one of runs) {
      one.catch((error: unknown) => {
        if (hasCode(error, 'QUOTA_BALANCE')) refused++;
      });
    }
    await until('seven are refused', () => refused === 7);
    all.resolve();
    const ended = await Promise.allSettled(runs);

    expect(ended.filter(({ status }) => status === 'fulfilled')).to.have.length(5);
    expect(await balanceOf(harness, `worker:${first.peerId}`)).to.equal((6n * WORK_WEI * 9n) / 10n);
  });

  it('error QUOTA_BUDGET: the budget for one request is kept to before anything is sent', async () => {
    await start(1, ALONE);
    const limits = { request: WORK_WEI };
    await harness.store
      .transaction()
      .execute((tx) => changeBudget(tx, { accountId: ACCOUNT }, limits, harness.clock.now()));

    await fail('QUOTA_BUDGET');

    expect(await paidBy(harness)).to.equal(0n);
  });

  it('error BILLING_VOUCHER_DUE: who spent more of a deposit than it signed for goes no further', async () => {
    await start(1, ALONE);
    await run();
    const funds = { depositedWei: 3n * ROS };
    await harness.store.transaction().execute((tx) => changeFunds(tx, ACCOUNT, funds));
    await spendAllBut(harness, ROS);

    const { error } = await fail('BILLING_VOUCHER_DUE');

    expect(error.details?.dueWei).to.equal(String(2n * ROS));
  });

  it('behaviour: a worker that asks for more than the price table allows gets no work, and others do', async () => {
    const dear = await harness.addWorker(7, { offer: { price: '9'.repeat(30) } });
    await start(1, ALONE);

    const { lines } = await billOf(harness, await run());

    expect(lines.map(({ worker }) => worker)).to.deep.equal([workers[0]?.peerId]);
    expect(await balanceOf(harness, `worker:${dear.peerId}`)).to.equal(0n);
  });

  it('error CAPACITY_NO_WORKERS: all workers ask for more than the price table allows', async () => {
    workers = await addPaidWorkers(harness, 1, MOST_WEI + 1n);
    await harness.addModel();

    const { error } = await fail('CAPACITY_NO_WORKERS');

    expect(JSON.stringify(error.details)).to.include('the price table allows');
  });

  it('behaviour: a price table that makes a worker too dear moves the next request to another', async () => {
    const first = await start(1, ALONE);
    const cheap = await harness.addWorker(8, { offer: { price: '1' } });
    const prices = { ...DEFAULT_PRICE_TABLE.prices, units: { usualWei: '1', mostWei: '1' } };
    const table = { ...DEFAULT_PRICE_TABLE, version: 2, effectiveAt: 0, prices };
    await harness.store.transaction().execute((tx) => addPriceTable(tx, table, { now: 1, by: ACCOUNT }));

    const { lines } = await billOf(harness, await run());

    expect(lines.map(({ worker }) => worker)).to.deep.equal([cheap.peerId]);
    expect(await balanceOf(harness, `worker:${first.peerId}`)).to.equal(0n);
  });

  it('behaviour: a new price table counts for what begins later, its share for the platform too', async () => {
    await start(1, ALONE);
    const { now } = harness.clock;
    const table = { ...DEFAULT_PRICE_TABLE, version: 2, effectiveAt: now() + 1_000, platformBps: 2_000 };
    await harness.store.transaction().execute((tx) => addPriceTable(tx, table, { now: now(), by: ACCOUNT }));

    const before = await run();
    await harness.pass(1_000, workers);
    const after = await run();

    const lineOf = async (id: string) => (await billOf(harness, id)).lines[0];
    expect(await lineOf(before)).to.include({ fee_bps: 1_000, platform_wei: String(WORK_WEI / 10n) });
    expect(await lineOf(after)).to.include({ fee_bps: 2_000, platform_wei: String(WORK_WEI / 5n) });
    expect((await billOf(harness, after)).bill?.table_version).to.equal(2);
  });

  it('behaviour: a worker that is lost before the answer begins costs nothing; who answers is paid', async () => {
    const first = await start(2, SPREAD);
    const other = workers.find(({ peerId }) => peerId !== first.peerId);
    workers.push(await harness.addWorker(5, { offer: { price: String(ASK_WEI) } }));
    let tries = 0;
    first.behaviour.beforeAnswer = async () => {
      tries++;
      if (tries > 1) return;
      await other?.die();
      throw new RiosError('PEER_UNREACHABLE', 'an expert worker does not answer');
    };

    const requestId = await run();

    const { bill, lines } = await billOf(harness, requestId);
    expect(bill?.outcome).to.equal('served');
    expect(lines.map(({ worker }) => worker)).to.not.include(other?.peerId);
    expect(await paidBy(harness)).to.equal(BigInt(bill?.total_wei ?? 0));
    expect((await readBudget(harness.store, `account:${ACCOUNT}`))?.state.reservedWei).to.equal(0n);
  });

  it('behaviour: nothing was delivered, so nothing is paid, and the bill says why', async () => {
    const first = await start(1, ALONE);
    first.behaviour.beforeAnswer = () => {
      throw new RiosError('CAPACITY_DISK', 'no room for the prompt');
    };
    const request = harness.request();
    const error: unknown = await harness.network.inference.run(request).catch((thrown: unknown) => thrown);

    const { bill, lines } = await billOf(harness, request.requestId);
    expect(bill).to.include({ outcome: 'failed', total_wei: '0', reason: toRiosError(error).code });
    expect(lines.map(({ kind, reason }) => [kind, reason])).to.deep.equal([['refused', 'no_receipt']]);
    expect(await paidBy(harness)).to.equal(0n);
  });

  it('behaviour: a worker killed in mid-answer is paid for what it had signed, the user for nothing more', async () => {
    const first = await start(1, ALONE);
    Object.assign(first.behaviour, { late: true, interim: true, beforeAnswer: () => first.die() });

    const { requestId } = await fail('PEER_LOST');

    const { bill, lines } = await billOf(harness, requestId);
    expect(bill).to.include({ outcome: 'partial', total_wei: String(WORK_WEI), reason: 'PEER_LOST' });
    expect(lines.map(({ kind, worker }) => [kind, worker])).to.deep.equal([['charge', first.peerId]]);
    expect(await paidBy(harness)).to.equal(WORK_WEI);
    expect(await listReceipts(harness.store, requestId)).to.have.length(1);
  });

  it('behaviour: a killed worker that had signed nothing is paid nothing', async () => {
    const first = await start(1, ALONE);
    Object.assign(first.behaviour, { late: true, beforeAnswer: () => first.die() });

    const { requestId } = await fail('PEER_LOST');

    expect((await billOf(harness, requestId)).bill).to.include({ outcome: 'partial', total_wei: '0' });
    expect(await paidBy(harness)).to.equal(0n);
  });

  it('behaviour: a client that goes away pays what it was given, and others that served are paid too', async () => {
    const first = await start(3, SPREAD);
    const client = new AbortController();
    const stopped = ({ signal }: Incoming) =>
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    Object.assign(first.behaviour, { late: true, interim: true, beforeAnswer: stopped });
    const onPart = () => client.abort();

    const { requestId } = await fail('USER_INTERRUPTED', { signal: client.signal, onPart });

    const { bill, lines } = await billOf(harness, requestId);
    expect(bill).to.include({ outcome: 'partial', total_wei: String(3n * WORK_WEI) });
    expect(new Set(lines.map(({ worker }) => worker)).size).to.equal(3);
  });

  it('error PEER_BAD_RESULT: for wrong work nobody is paid, whatever was signed', async () => {
    const first = await start(1, ALONE);
    first.behaviour.interim = true;

    const { requestId } = await fail('PEER_BAD_RESULT', { sampling: { ...GREEDY, maxTokens: 2 } });

    const { bill, lines } = await billOf(harness, requestId);
    expect(bill).to.include({ outcome: 'failed', total_wei: '0', reason: 'PEER_BAD_RESULT' });
    expect(lines.map(({ reason }) => reason)).to.deep.equal(['wrong_work']);
    expect(await paidBy(harness)).to.equal(0n);
  });

  it('behaviour: work that is given away is billed with zeros', async () => {
    await start(1, ALONE, 0n);

    const requestId = await run();

    const { bill, lines } = await billOf(harness, requestId);
    expect(bill).to.include({ outcome: 'served', total_wei: '0', reserved_wei: '0' });
    expect(lines.map(({ kind }) => kind)).to.deep.equal(['charge']);
  });

  it('behaviour: each account pays for itself', async () => {
    await start(1, ALONE);
    await addAccount(harness.store, 'acc_other00000');

    await run();
    await run({ account: 'acc_other00000' });

    expect(await paidBy(harness, 'acc_other00000')).to.equal(WORK_WEI);
    expect(await paidBy(harness)).to.equal(WORK_WEI);
  });
});
