import { verifyReceipt } from '@rios/sdk/crypto/receipt';
import { RiosError } from '@rios/sdk/errors/error';
import type { GeneratedPart } from '@rios/sdk/schema/inference';
import type { Receipt, Signed } from '@rios/sdk/schema/trust';
import { readReceiptLog } from '@rios/sdk/settlement/receipt-log';
import { expect } from 'chai';
import { dataDirOf } from '../../src/data-dir.ts';
import { referenceCase, tinyModel } from '../runtime/support/tiny-model.ts';
import { failureOf } from '../support/errors.ts';
import { whenIdle } from './support/driver.ts';
import { startNetwork, type TestNetwork, type TestWorker } from './support/network.ts';
import { generate, groupParts, routeOver, type StagePlan, stageParts } from './support/routes.ts';

describe('serve: interim receipts', function () {
  this.timeout(60_000);
  const { ids, greedy } = referenceCase('genesis');
  let network: TestNetwork;
  let first: TestWorker;

  before(async () => {
    network = await startNetwork(await tinyModel());
    first = await network.startWorker();
  });
  after(() => network.stop());

  /** The first worker with two groups elsewhere. */
  async function island(second: TestWorker, third: TestWorker): Promise<StagePlan> {
    const { manifest } = network.model;
    const experts = [
      { worker: second, groups: [1, 2] },
      { worker: third, groups: [3] },
    ];
    const plan = { worker: first, from: 0, to: 4, experts };
    await first.hold(stageParts(manifest, plan, true));
    await Promise.all(experts.map(({ worker, groups }) => worker.hold(groupParts(manifest, groups))));
    return plan;
  }

  async function chain(second: TestWorker): Promise<StagePlan[]> {
    const plans = [
      { worker: first, from: 0, to: 2 },
      { worker: second, from: 2, to: 4 },
    ];
    const { manifest } = network.model;
    await Promise.all(plans.map((plan, i) => plan.worker.hold(stageParts(manifest, plan, i === 0))));
    return plans;
  }

  it('default: parts say what everybody is owed so far, signed by each, and never more than the last frame', async () => {
    const workers = [first, await network.startWorker(), await network.startWorker()] as const;
    const plan = await island(workers[1], workers[2]);
    const parts: GeneratedPart[] = [];

    const answer = await generate(network, routeOver(network, [plan]), ids, 200, (part) => parts.push(part));

    const final = byWorker(answer.end.receipts);
    const interim = parts.flatMap(({ receipts = [] }) => receipts).map(open);
    expect(answer.ids.slice(0, 24)).to.deep.equal(greedy.slice(0, 24));
    expect(new Set(interim.map(({ worker }) => worker))).to.deep.equal(
      new Set(workers.map(({ identity }) => identity.peerId)),
    );
    for (const receipt of interim) {
      const last = final.get(receipt.worker);
      expect(receipt.ticketNonce, 'the same ticket').to.equal(last?.ticketNonce);
      expect(receipt.units, 'units').to.be.within(1, last?.units ?? 0);
      expect(receipt.finishedAt, 'time').to.be.at.most(last?.finishedAt ?? 0);
    }
  });

  it('behaviour: reports come without tokens of their own, and not with each token', async () => {
    const parts: GeneratedPart[] = [];
    const plan = { worker: first, from: 0, to: 4 };
    await first.hold(stageParts(network.model.manifest, plan, true));
    const begun = performance.now();

    await generate(network, routeOver(network, [plan]), ids, 300, (part) => parts.push(part));

    const reports = parts.filter(({ receipts }) => receipts !== undefined);
    const tookMs = performance.now() - begun;
    expect(reports.map((part) => [part.text, part.ids])).to.deep.equal(reports.map(() => ['', []]));
    expect(reports.length).to.be.within(1, 1 + Math.ceil(tookMs / 250));
  });

  it('behaviour: when an expert worker dies, the last part owes it what it had signed, and the others all they did', async () => {
    const [staying, dying] = [await network.startWorker(), await network.startWorker()];
    const plan = await island(staying, dying);
    const parts: GeneratedPart[] = [];
    let death: Promise<void> | undefined;

    const failure = await failureOf(() =>
      generate(network, routeOver(network, [plan]), ids, 400, (part) => {
        parts.push(part);
        if (isFull(part, 3)) death ??= dying.peer.stop();
      }),
    );
    await Promise.all([death, whenIdle(first), whenIdle(staying)]);

    const owed = byWorker(parts.at(-1)?.receipts ?? []);
    const own = await Promise.all([first, staying].map(lastKept));
    expect(failure.code).to.equal('PEER_LOST');
    expect(owed.get(dying.identity.peerId)?.units).to.be.greaterThan(0);
    expect(own.map(({ units }) => units)).to.deep.equal(
      [first, staying].map(({ identity }) => owed.get(identity.peerId)?.units),
    );
    expect((await lastKept(dying)).units).to.be.at.least(owed.get(dying.identity.peerId)?.units ?? 0);
  });

  it('behaviour: when a later stage fails, the last part owes it all it did', async () => {
    const second = await network.startWorker();
    const route = routeOver(network, await chain(second));
    const parts: GeneratedPart[] = [];
    let failed = false;

    const failure = await failureOf(() =>
      generate(network, route, ids, 400, (part) => {
        parts.push(part);
        if (!isFull(part, 2) || failed) return;
        failed = true;
        second.sessions.stage(route.sessionId)?.fail(new RiosError('RUNTIME_SESSION', 'a test'));
      }),
    );
    await Promise.all([whenIdle(first), whenIdle(second)]);

    const owed = byWorker(parts.at(-1)?.receipts ?? []);
    const own = await Promise.all([first, second].map(lastKept));
    expect(failure.code).to.equal('RUNTIME_SESSION');
    expect(own.map(({ units }) => units)).to.deep.equal(
      [first, second].map(({ identity }) => owed.get(identity.peerId)?.units),
    );
  });
});

/** Every receipt of a test is by one of its workers: verified under the key that it names. */
function open(signed: Signed): Receipt {
  const claimed = JSON.parse(Buffer.from(signed.payload, 'base64url').toString()) as { worker: string };
  return verifyReceipt(signed, claimed.worker);
}

const byWorker = (receipts: readonly Signed[]) =>
  new Map(receipts.map(open).map((receipt) => [receipt.worker, receipt]));

const isFull = ({ receipts }: GeneratedPart, count: number): boolean => (receipts?.length ?? 0) >= count;

async function lastKept({ root }: TestWorker): Promise<Receipt> {
  const kept = await readReceiptLog(dataDirOf(root).receiptsDir);
  const last = kept.at(-1)?.receipt;
  if (last === undefined) throw new Error('the worker has kept nothing');
  return last;
}
