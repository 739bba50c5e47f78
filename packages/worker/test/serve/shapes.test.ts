import { verifyReceipt } from '@rios/sdk/crypto/receipt';
import { expect } from 'chai';
import { referenceCase, tinyModel } from '../runtime/support/tiny-model.ts';
import { codeOf, failureOf } from '../support/errors.ts';
import { whenIdle } from './support/driver.ts';
import { startNetwork, type TestNetwork, type TestWorker } from './support/network.ts';
import { generate, groupParts, routeOver, type StagePlan, stageParts } from './support/routes.ts';

describe('serve: a request over real peers', function () {
  this.timeout(60_000);
  const { ids, greedy } = referenceCase('genesis');
  const wanted = greedy.slice(0, 24);
  let network: TestNetwork;
  let workers: [TestWorker, TestWorker, TestWorker];

  before(async () => {
    network = await startNetwork(await tinyModel());
    workers = [await network.startWorker(), await network.startWorker(), await network.startWorker()];
  });
  after(() => network.stop());
  const holdAll = (plans: readonly StagePlan[]) =>
    Promise.all(plans.map((plan, i) => plan.worker.hold(stageParts(network.model.manifest, plan, i === 0))));

  it('default: one worker with everything gives the reference continuation', async () => {
    const plan = { worker: workers[0], from: 0, to: 4 };
    await workers[0].hold(stageParts(network.model.manifest, plan, true));

    const answer = await generate(network, routeOver(network, [plan]), ids, wanted.length);

    expect(answer.ids).to.deep.equal(wanted);
    expect(answer.end.usage).to.deep.equal({ promptTokens: ids.length, completionTokens: wanted.length });
    expect(answer.end.finishReason).to.equal('length');
    expect(answer.end.shares).to.have.length(1);
  });

  it('behaviour: an island of three gives the same tokens, and each worker’s receipt and share', async () => {
    const [first, second, third] = workers;
    const plan: StagePlan = {
      worker: first,
      from: 0,
      to: 4,
      experts: [
        { worker: second, groups: [1, 2] },
        { worker: third, groups: [3] },
      ],
    };
    const { manifest } = network.model;
    await Promise.all([
      first.hold(stageParts(manifest, plan, true)),
      second.hold(groupParts(manifest, [1, 2])),
      third.hold(groupParts(manifest, [3])),
    ]);

    const answer = await generate(network, routeOver(network, [plan]), ids, wanted.length);

    expect(answer.ids).to.deep.equal(wanted);
    expect(answer.end.shares.map(({ workerId }) => workerId)).to.have.members(
      workers.map((w) => w.identity.peerId),
    );
    for (const share of answer.end.shares) {
      expect(share.expertCalls, share.workerId).to.be.greaterThan(0);
      expect(share.hopMsP50 > 0, share.workerId).to.equal(share.workerId !== first.identity.peerId);
    }
    const receipts = workers.map((worker) =>
      answer.end.receipts.some((receipt) => isFrom(receipt, worker.identity.peerId)),
    );
    expect(receipts).to.deep.equal([true, true, true]);
  });

  it('behaviour: a chain of two gives the same tokens', async () => {
    const [first, second] = workers;
    const plans = [
      { worker: first, from: 0, to: 2 },
      { worker: second, from: 2, to: 4 },
    ] as const;
    await holdAll(plans);

    const answer = await generate(network, routeOver(network, plans), ids, wanted.length);

    expect(answer.ids).to.deep.equal(wanted);
    expect(answer.end.shares.map(({ stages }) => stages)).to.deep.equal([[[0, 2]], [[2, 4]]]);
    expect(answer.end.receipts).to.have.length(2);
    expect(workers.map(({ sessions }) => sessions.size)).to.deep.equal([0, 0, 0]);
  });

  it('error PEER_LOST: a stage that dies during the answer fails it as retryable, and the first stage is free again', async () => {
    const [first] = workers;
    const dying = await network.startWorker();
    const plans = [
      { worker: first, from: 0, to: 2 },
      { worker: dying, from: 2, to: 4 },
    ] as const;
    await holdAll(plans);
    let death: Promise<void> | undefined;

    const failure = await failureOf(() =>
      generate(network, routeOver(network, plans), ids, 400, () => {
        death ??= dying.stop();
      }),
    );
    await death;
    await whenIdle(first);

    expect([failure.code, failure.retryable]).to.deep.equal(['PEER_LOST', true]);
  });

  it('behaviour: an answer that the asker gives up frees every worker', async () => {
    const [first, second] = workers;
    const plans = [
      { worker: first, from: 0, to: 2 },
      { worker: second, from: 2, to: 4 },
    ] as const;
    await holdAll(plans);
    const abort = new AbortController();

    const code = await codeOf(() =>
      generate(network, routeOver(network, plans), ids, 400, () => abort.abort(), abort.signal),
    );
    await Promise.all([whenIdle(first), whenIdle(second)]);

    expect(code).to.equal('USER_INTERRUPTED');
  });
});

function isFrom(receipt: Parameters<typeof verifyReceipt>[0], peerId: string): boolean {
  try {
    return verifyReceipt(receipt, peerId).units > 0;
  } catch {
    return false;
  }
}
