import { createIdentity } from '@rios/sdk/crypto/identity';
import { CLOCK_TOLERANCE_MS } from '@rios/sdk/crypto/network';
import { signReceipt } from '@rios/sdk/crypto/receipt';
import type { Receipt, Signed } from '@rios/sdk/schema/trust';
import { expect } from 'chai';
import type { LineReason } from '../../src/billing/line-problem.ts';
import { listReceipts } from '../../src/store/receipts.ts';
import { createHarness, type Harness } from '../p2p/harness.ts';
import type { StandInWorker } from '../p2p/stand-in-worker.ts';
import {
  ASK_WEI,
  addPaidWorkers,
  billOf,
  findingsOf,
  firstStageOf,
  paidBy,
  WORK_WEI,
} from './paid-harness.ts';

const FAR_MS = CLOCK_TOLERANCE_MS + 10_000;
const stranger = createIdentity();

const readReceipt = ({ payload }: Signed): Receipt =>
  JSON.parse(Buffer.from(payload, 'base64url').toString()) as Receipt;
const signedByStranger = (signed: Signed): Signed =>
  signReceipt(stranger, { ...readReceipt(signed), worker: stranger.peerId });

const LIES: readonly (readonly [string, LineReason, Partial<Receipt>])[] = [
  ['more units than its ticket allows', 'too_many_units', { units: 1e9 }],
  ['parts beyond its ticket', 'not_asked', { parts: ['trunk.099'] }],
  ['another request', 'not_asked', { requestId: 'req_another000000' }],
  ['another model', 'not_asked', { modelHash: 'e'.repeat(64) }],
  ['another network', 'not_asked', { networkId: `net_${'7'.repeat(32)}` }],
  ['a ticket that nobody issued', 'not_asked', { ticketNonce: 'f'.repeat(32) }],
  ['a price above its ask', 'above_ask', { price: String(ASK_WEI + 1n) }],
  ['an absurd price', 'bad_price', { price: '9'.repeat(30) }],
];

describe('hostile receipts of a real request', () => {
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

  const run = async () => {
    const request = harness.request();
    await harness.network.inference.run(request);
    return { requestId: request.requestId, ...(await billOf(harness, request.requestId)) };
  };
  const expectUnpaid = async (reason: LineReason) => {
    const { requestId, bill, lines } = await run();

    expect(bill).to.include({ outcome: 'served', total_wei: '0' });
    expect(lines.map((line) => line.reason)).to.include(reason);
    expect(lines.filter(({ kind }) => kind === 'charge')).to.deep.equal([]);
    expect(await paidBy(harness)).to.equal(0n);
    expect(await listReceipts(harness.store, requestId)).to.deep.equal([]);
    expect(await harness.eventKinds()).to.include('receipt.refused');
  };

  for (const [what, reason, change] of LIES) {
    it(`behaviour: ${what} is not paid: ${reason}`, async () => {
      worker.behaviour.tamper = (receipt) => ({ ...receipt, ...change });
      await expectUnpaid(reason);
    });
  }

  it('behaviour: work that ends in the future is not paid: from_future', async () => {
    worker.behaviour.tamper = (receipt) => ({ ...receipt, finishedAt: receipt.finishedAt + FAR_MS });
    await expectUnpaid('from_future');
  });

  it('behaviour: work older than the request is not paid: before_request', async () => {
    worker.behaviour.tamper = (receipt) => ({ ...receipt, startedAt: receipt.startedAt - FAR_MS });
    await expectUnpaid('before_request');
  });

  it('behaviour: what a stranger signed in its own name is not paid: unknown_worker', async () => {
    worker.behaviour.changeReceipts = (receipts) => receipts.map(signedByStranger);
    await expectUnpaid('unknown_worker');
  });

  it('behaviour: what a stranger signed in the name of a worker is no receipt', async () => {
    worker.behaviour.changeReceipts = (receipts) =>
      receipts.map((signed) => signReceipt(stranger, readReceipt(signed)));
    await expectUnpaid('no_receipt');
  });

  it('behaviour: a receipt that comes again is paid once, and the other line says doubled', async () => {
    worker.behaviour.changeReceipts = ([first, ...rest]) =>
      first === undefined ? [] : [first, first, ...rest];

    const { bill, lines } = await run();

    expect(bill?.total_wei).to.equal(String(WORK_WEI));
    expect(lines.map(({ kind, reason }) => [kind, reason])).to.deep.equal([
      ['charge', null],
      ['refused', 'doubled'],
    ]);
  });

  it('behaviour: a receipt of an earlier request pays nothing in a later one', async () => {
    const kept: Signed[] = [];
    worker.behaviour.changeReceipts = (receipts) => {
      kept.push(...receipts);
      return receipts;
    };
    await run();
    worker.behaviour.changeReceipts = () => kept;

    const { bill, lines } = await run();

    expect(bill?.total_wei).to.equal('0');
    expect(lines.map(({ reason }) => reason)).to.include('not_asked');
    expect(await paidBy(harness)).to.equal(WORK_WEI);
  });

  for (const [what, jumpMs] of [
    ['ahead', FAR_MS],
    ['back', -FAR_MS],
  ] as const) {
    it(`behaviour: a clock of the orchestrator that jumps ${what} in mid-request takes no worker's pay`, async () => {
      const { clock } = harness;
      worker.behaviour.late = true;
      const finishedAt = clock.now();
      worker.behaviour.beforeAnswer = async () => clock.advance(jumpMs);
      worker.behaviour.tamper = (receipt) => ({ ...receipt, startedAt: finishedAt, finishedAt });

      const { bill } = await run();

      expect(bill?.total_wei).to.equal(String(WORK_WEI));
    });
  }

  it('behaviour: more receipts than a request has tickets are not read without end', async () => {
    worker.behaviour.changeReceipts = ([first]) => Array.from({ length: 1024 }, () => first as Signed);

    const { bill, lines } = await run();

    expect(bill?.total_wei).to.equal(String(WORK_WEI));
    expect(lines).to.have.length.below(20);
  });
});
