import { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { endDead } from '../../src/billing/end-dead.ts';
import type { FaultPoint } from '../../src/fault-point.ts';
import { getRequest, STOPPED } from '../../src/store/requests.ts';
import { createHarness, type Harness, ORCHESTRATOR } from '../p2p/harness.ts';
import type { StandInWorker } from '../p2p/stand-in-worker.ts';
import { expectError } from '../support/expect-error.ts';
import { addPaidWorkers, billOf, findingsOf, firstStageOf, paidBy, WORK_WEI } from './paid-harness.ts';

const POINTS = [
  'trial.given',
  'billing.reserving',
  'billing.reserved',
  'billing.streamed',
  'billing.capturing',
  'billing.captured',
];

describe('faults of billing', () => {
  let harness: Harness;
  let first: StandInWorker;
  let atPoint: FaultPoint;
  beforeEach(async () => {
    atPoint = () => {};
    harness = await createHarness(undefined, undefined, (name) => atPoint(name));
    const workers = await addPaidWorkers(harness, 1);
    await harness.addModel('small', { shape: 'replica', spread: false });
    first = await firstStageOf(harness, workers);
    first.behaviour.interim = true;
  });
  afterEach(async () => {
    expect(await findingsOf(harness)).to.deep.equal([]);
    await harness.close();
  });

  const failOnceAt = (wanted: string) => {
    let failed = false;
    atPoint = (name) => {
      if (failed || name !== wanted) return;
      failed = true;
      throw new RiosError('SERVICE_UNAVAILABLE', `a fault at ${name}`);
    };
    return () => failed;
  };
  /** What a restart does of what this orchestrator had begun. */
  const endOwn = () =>
    harness.store
      .transaction()
      .execute((tx) =>
        endDead(tx, { orchestrator: ORCHESTRATOR.peerId }, { ...STOPPED, finishedAt: harness.clock.now() }),
      );

  for (const point of POINTS) {
    it(`behaviour: after a fault at ${point} a request is billed once or not at all, and nothing stays held`, async () => {
      const hasFailed = failOnceAt(point);
      const request = harness.request();

      await harness.network.inference.run(request).catch(() => {});

      expect(hasFailed(), 'the point was reached').to.equal(true);
      const { bill } = await billOf(harness, request.requestId);
      expect(await paidBy(harness)).to.be.oneOf([0n, BigInt(bill?.total_wei ?? 0)]);
      expect((await getRequest(harness.store, request.requestId))?.state).to.not.equal('running');
      await harness.network.inference.run(harness.request());
      expect(await paidBy(harness)).to.equal(BigInt(bill?.total_wei ?? 0) + WORK_WEI);
    });
  }

  it('behaviour: an end that the store did not take is written before the next request', async () => {
    const request = harness.request();
    first.behaviour.beforeAnswer = () => Promise.reject(new RiosError('CAPACITY_DISK', 'no room'));
    atPoint = (name) => {
      if (name === 'billing.capturing') throw new RiosError('SERVICE_UNAVAILABLE', 'the store is gone');
    };
    await harness.network.inference.run(request).catch(() => {});
    expect((await getRequest(harness.store, request.requestId))?.state).to.equal('running');
    atPoint = () => {};
    first.behaviour.beforeAnswer = async () => {};

    await harness.network.inference.run(harness.request());

    expect((await getRequest(harness.store, request.requestId))?.state).to.equal('failed');
    expect((await billOf(harness, request.requestId)).bill).to.include({ outcome: 'failed', total_wei: '0' });
    expect(await paidBy(harness)).to.equal(WORK_WEI);
  });

  for (const point of ['billing.reserved', 'billing.streamed', 'billing.capturing']) {
    it(`behaviour: who was taken for dead at ${point} and goes on bills nothing more`, async () => {
      const request = harness.request();
      atPoint = async (name) => {
        if (name === point) await endOwn();
      };

      const { end } = await harness.network.inference.run(request);

      expect(end.usage.completionTokens).to.equal(3);
      const { bill, lines } = await billOf(harness, request.requestId);
      expect(bill).to.include({ outcome: 'failed', total_wei: '0', reason: STOPPED.code });
      expect(lines).to.deep.equal([]);
      expect((await getRequest(harness.store, request.requestId))?.state).to.equal('failed');
      expect(await paidBy(harness)).to.equal(0n);
    });
  }

  it('error PEER_LOST: who was taken for dead before anything was reserved reserves nothing', async () => {
    const request = harness.request();
    atPoint = async (name) => {
      if (name === 'billing.reserving') await endOwn();
    };

    await expectError(harness.network.inference.run(request), 'PEER_LOST');

    expect((await billOf(harness, request.requestId)).bill).to.equal(undefined);
    expect(await paidBy(harness)).to.equal(0n);
  });

  it('behaviour: who is taken for dead after the end has billed it all the same', async () => {
    const request = harness.request();
    atPoint = async (name) => {
      if (name === 'billing.captured') await endOwn();
    };

    await harness.network.inference.run(request);

    expect((await billOf(harness, request.requestId)).bill).to.include({
      outcome: 'served',
      total_wei: String(WORK_WEI),
    });
    expect((await getRequest(harness.store, request.requestId))?.state).to.equal('succeeded');
  });
});
