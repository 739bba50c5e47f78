import { createIdentity } from '@rios/sdk/crypto/identity';
import { verifyReceipt } from '@rios/sdk/crypto/receipt';
import { sessionClosedSchema } from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { expect } from 'chai';
import { tinyModel } from '../runtime/support/tiny-model.ts';
import { codeOf } from '../support/errors.ts';
import { type Driver, expectHidden, openDrivenStage, startDriver, whenIdle } from './support/driver.ts';
import { startNetwork, type TestNetwork, type TestWorker } from './support/network.ts';
import { stageParts } from './support/routes.ts';

describe('serve: a stage opened by another peer', function () {
  this.timeout(30_000);
  let network: TestNetwork;
  let worker: TestWorker;
  let driver: Driver;

  before(async () => {
    network = await startNetwork(await tinyModel());
    worker = await network.startWorker();
    await worker.hold(stageParts(network.model.manifest, { worker, from: 2, to: 4 }, false));
  });
  beforeEach(async () => {
    driver = await startDriver([worker]);
  });
  afterEach(async () => {
    await driver.stop();
    await whenIdle(worker);
  });
  after(() => network.stop());

  const open = () => openDrivenStage(network, driver, worker);

  it('default: rows go through, and closing gives the receipt and the time that rows stayed', async () => {
    const stage = await open();
    await stage.push(0, 3);
    const back = expectHidden(await driver.pushed());
    await stage.push(3, 1);
    await driver.pushed();

    const ids = { sessionId: stage.sessionId, requestId: stage.requestId };
    const answer = await stage.link.request(Method.sessionClose, payload(ids), {
      deadlineMs: 5000,
      epoch: 1,
    });

    expect([back.position, back.rows, back.body.length]).to.deep.equal([0, 3, 3 * 192 * 4]);
    const { receipts, shares } = decodeMeta(sessionClosedSchema, answer.meta);
    const receipt = verifyReceipt(receipts[0] ?? { payload: '', signature: '' }, worker.identity.peerId);
    expect(receipt).to.include({
      requestId: stage.requestId,
      networkId: network.key.networkId,
      price: '1000',
    });
    expect(receipt.units).to.be.greaterThan(0);
    expect(shares[0]).to.deep.include({ workerId: worker.identity.peerId, stages: [[2, 4]] });
    expect(shares[0]?.hopMsP50).to.be.greaterThan(0);
    expect(worker.sessions.size).to.equal(0);
  });

  it('behaviour: rows from another member change nothing', async () => {
    const stage = await open();
    const other = await startDriver([worker]);
    await stage.push(0, 1, undefined, await other.connect(worker));
    await (await other.connect(worker)).ping(5000);

    await stage.push(0, 1);

    expect(expectHidden(await driver.pushed()).position).to.equal(0);
    await other.stop();
  });

  const broken: Record<string, (push: Awaited<ReturnType<typeof open>>['push']) => Promise<void>> = {
    'a gap': (push) => push(1, 1),
    'another size': (push) => push(0, 1, new Uint8Array(100)),
    'more positions than opened': (push) => push(0, 65),
    'a number that is not finite': (push) =>
      push(0, 1, new Uint8Array(new Float32Array(192).fill(Number.NaN).buffer)),
  };
  for (const [what, push] of Object.entries(broken)) {
    it(`error PEER_BAD_RESULT: ${what} ends the session, and the first stage hears why`, async () => {
      const stage = await open();

      await push(stage.push);
      const told = await driver.pushed();
      await whenIdle(worker);

      expect(told).to.deep.include({ kind: 'failed' });
      expect(told.kind === 'failed' && told.error.code).to.equal('PEER_BAD_RESULT');
    });
  }

  it('behaviour: a session whose first stage is gone is freed', async () => {
    await open();
    expect(worker.sessions.size).to.equal(1);

    await driver.stop();
    await whenIdle(worker);

    expect(worker.sessions.size).to.equal(0);
  });

  it('error NOT_FOUND: only who opened a session closes it', async () => {
    const stage = await open();
    const other = await startDriver([worker]);
    const link = await other.connect(worker);
    const ids = { sessionId: stage.sessionId, requestId: stage.requestId };

    const closing = () => link.request(Method.sessionClose, payload(ids), { deadlineMs: 5000 });

    expect(await codeOf(closing)).to.equal('NOT_FOUND');
    expect(worker.sessions.size).to.equal(1);
    await other.stop();
  });

  it('error AUTH_TICKET_INVALID: a ticket that another peer holds', async () => {
    const thief = { ...driver, identity: createIdentity() };

    expect(await codeOf(() => openDrivenStage(network, thief, worker))).to.equal('AUTH_TICKET_INVALID');
  });

  it('error PEER_PROTOCOL: a peer that does not speak of itself as the first stage', async () => {
    const liar = { ...driver, address: { ...driver.address, peerId: createIdentity().peerId } };

    expect(await codeOf(() => openDrivenStage(network, liar, worker))).to.equal('PEER_PROTOCOL');
  });
});
