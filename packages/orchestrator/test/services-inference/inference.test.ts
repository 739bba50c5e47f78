import { RiosError } from '@rios/sdk/errors/error';
import type { GeneratedPart } from '@rios/sdk/schema/inference';
import { expect } from 'chai';
import { explainRequest } from '../../src/services/requests.ts';
import { listReceipts } from '../../src/store/receipts.ts';
import { getRequest } from '../../src/store/requests.ts';
import { createHarness, GREEDY, type Harness } from '../p2p/harness.ts';
import { ANSWER_IDS, type StandInWorker } from '../p2p/stand-in-worker.ts';
import { until } from '../p2p/until.ts';
import { expectError } from '../support/expect-error.ts';

const SPREAD = { shape: 'island', spread: true } as const;

describe('inference', () => {
  let harness: Harness;
  let workers: StandInWorker[];
  beforeEach(async () => {
    harness = await createHarness();
    workers = [];
  });
  afterEach(() => harness.close());

  const addWorkers = async (count: number) => {
    for (let index = 0; index < count; index++) workers.push(await harness.addWorker(index));
    await until('all are listed', async () =>
      (await harness.network.workers.list()).every(({ state }) => state === 'listed'),
    );
  };
  const firstStage = async (): Promise<StandInWorker> => {
    const { placement } = await harness.whenReady('small');
    const found = workers.find(({ peerId }) => peerId === placement?.stages[0]?.workerId);
    return found ?? expect.fail('no first stage');
  };

  it('default: an unplaced model is placed first, then the answer streams and is on record', async () => {
    await addWorkers(3);
    await harness.addModel();
    const parts: GeneratedPart[] = [];
    const request = harness.request({ onPart: (part) => void parts.push(part) });

    const { end, summary } = await harness.network.inference.run(request);

    expect(parts.map(({ text }) => text).join('')).to.equal('an answer');
    expect(end.usage.completionTokens).to.equal(3);
    expect(summary.ids).to.deep.equal(ANSWER_IDS);
    expect(summary).to.include({ shape: 'replica', requestId: request.requestId, tokensPerSecond: 100 });
    const record = await getRequest(harness.store, request.requestId);
    expect(record?.state).to.equal('succeeded');
    expect(await listReceipts(harness.store, request.requestId)).to.have.length(1);
  });

  for (const shape of ['chain', 'island'] as const) {
    it(`behaviour: every worker of a ${shape} gets a ticket that it accepts, and its receipt is kept`, async () => {
      await addWorkers(3);
      await harness.addModel('small', { shape, spread: shape === 'island' });
      const { placement } = await harness.whenReady('small');
      const request = harness.request();

      const { summary } = await harness.network.inference.run(request);

      const receipts = await listReceipts(harness.store, request.requestId);
      expect(receipts).to.have.length(summary.workers.length).and.length.above(1);
      expect(summary.shape).to.equal(placement?.shape);
    });
  }

  it('behaviour: the route can be explained', async () => {
    await addWorkers(3);
    await harness.addModel('small', SPREAD);
    const request = harness.request();
    await harness.network.inference.run(request);

    const record = await getRequest(harness.store, request.requestId);
    const explained = explainRequest(record ?? expect.fail('no record'));

    expect(explained.reason).to.include('island was asked for');
    expect(explained.rejected.map(({ subject }) => subject)).to.include('shape replica');
    expect(explained.shares).to.have.length(3);
    expect(explained.shares.map(({ name }) => name)).to.include.members(['worker-0', 'worker-1', 'worker-2']);
    expect(explained.shares.reduce((sum, { expertShare }) => sum + expertShare, 0)).to.be.closeTo(1, 1e-9);
  });

  it('behaviour: a slow taker holds the parts back in their order', async () => {
    await addWorkers(1);
    await harness.addModel();
    const order: string[] = [];
    const onPart = async ({ text }: GeneratedPart) => {
      order.push(`begin ${text}`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`end ${text}`);
    };

    await harness.network.inference.run(harness.request({ onPart }));

    expect(order).to.deep.equal(['begin an ', 'end an ', 'begin answer', 'end answer']);
  });

  it('behaviour: between two requests a worker is killed, and the second is answered', async () => {
    await addWorkers(3);
    await harness.addModel('small', SPREAD);
    await harness.whenReady('small');
    await harness.network.inference.run(harness.request());
    const first = await firstStage();

    await first.die();
    const { summary } = await harness.network.inference.run(harness.request());

    expect(summary.ids).to.deep.equal(ANSWER_IDS);
    expect(summary.workers.map(({ id }) => id)).to.not.include(first.peerId);
    expect(await harness.eventKinds()).to.include.members(['worker.lost', 'model.replaced']);
  });

  it('behaviour: a worker that another finds dead before the answer began costs one more try', async () => {
    await addWorkers(2);
    await harness.addModel('small', SPREAD);
    const first = await firstStage();
    const other = workers.find(({ peerId }) => peerId !== first.peerId);
    await harness.addWorker(5);
    let tries = 0;
    first.behaviour.beforeAnswer = async () => {
      tries++;
      if (tries > 1) return;
      await other?.die();
      throw new RiosError('PEER_UNREACHABLE', 'an expert worker does not answer');
    };

    const { summary } = await harness.network.inference.run(harness.request());

    expect(tries).to.equal(2);
    expect(summary.workers.map(({ id }) => id)).to.not.include(other?.peerId);
  });

  it('error PEER_LOST: the first stage dies after the answer began', async () => {
    await addWorkers(2);
    await harness.addModel('small', { shape: 'replica', spread: false });
    const first = await firstStage();
    first.behaviour.late = true;
    first.behaviour.beforeAnswer = () => first.die();
    const request = harness.request();

    const error = await expectError(harness.network.inference.run(request), 'PEER_LOST');

    expect(error.retryable).to.equal(true);
    const record = await getRequest(harness.store, request.requestId);
    expect(record).to.include({ state: 'failed', errorCode: 'PEER_LOST' });
    const { summary } = await harness.network.inference.run(harness.request());
    expect(summary.ids).to.deep.equal(ANSWER_IDS);
  });

  it('error USER_INTERRUPTED: the client goes away, and the worker is told', async () => {
    await addWorkers(1);
    await harness.addModel('small', {});
    const first = await firstStage();
    const client = new AbortController();
    const told = Promise.withResolvers<void>();
    first.behaviour.late = true;
    first.behaviour.beforeAnswer = async ({ signal }) => {
      signal.addEventListener('abort', () => told.resolve());
      client.abort();
      await told.promise;
    };
    const request = harness.request({ signal: client.signal });

    await expectError(harness.network.inference.run(request), 'USER_INTERRUPTED');

    await told.promise;
    expect((await getRequest(harness.store, request.requestId))?.state).to.equal('failed');
  });

  it('error PEER_BAD_RESULT: the worker sends more tokens than were asked for', async () => {
    await addWorkers(1);
    await harness.addModel('small', {});
    await harness.whenReady('small');
    const request = harness.request({ sampling: { ...GREEDY, maxTokens: 2 } });

    await expectError(harness.network.inference.run(request), 'PEER_BAD_RESULT');
  });

  it('error NOT_FOUND_MODEL: nobody pushed it', async () => {
    const request = harness.request({ model: 'none' });

    await expectError(harness.network.inference.run(request), 'NOT_FOUND_MODEL');

    expect((await getRequest(harness.store, request.requestId))?.errorCode).to.equal('NOT_FOUND_MODEL');
  });

  it('error CAPACITY_NO_WORKERS, CAPACITY_NO_PLACEMENT: nobody, or nobody with room', async () => {
    await harness.addModel();
    await expectError(harness.network.inference.run(harness.request()), 'CAPACITY_NO_WORKERS');

    workers.push(await harness.addWorker(0, { offer: { memoryBytes: 1000 } }));
    await until('it is listed', async () => (await harness.network.workers.list())[0]?.state === 'listed');
    const error = await expectError(
      harness.network.inference.run(harness.request()),
      'CAPACITY_NO_PLACEMENT',
    );
    expect(error.details?.workers).to.have.length(1);
  });

  it('error CAPACITY_PLACING: the model is not ready in 120 s', async () => {
    await addWorkers(1);
    const [worker] = workers as [StandInWorker];
    worker.behaviour.loads = false;
    await harness.addModel();
    const running = harness.network.inference.run(harness.request());
    running.catch(() => {});
    await until('it is assigned', () => worker.assignments.at(-1)?.models.length === 1);

    await harness.pass(121_000, [worker]);

    await expectError(running, 'CAPACITY_PLACING');
  });

  for (const [what, tamper] of [
    ['more units than allowed', { units: 1e9 }],
    ['parts beyond its ticket', { parts: ['trunk.099'] }],
    ['another request', { requestId: 'req_another000000' }],
    ['an unknown ticket', { ticketNonce: 'f'.repeat(32) }],
  ] as const) {
    it(`behaviour: a receipt for ${what} is refused, and said so`, async () => {
      await addWorkers(1);
      await harness.addModel('small', {});
      const first = await firstStage();
      first.behaviour.tamper = (receipt) => ({
        ...receipt,
        ...tamper,
        parts: [...('parts' in tamper ? tamper.parts : receipt.parts)],
      });
      const request = harness.request();

      await harness.network.inference.run(request);

      expect(await listReceipts(harness.store, request.requestId)).to.deep.equal([]);
      expect(await harness.eventKinds()).to.include('receipt.refused');
    });
  }
});
