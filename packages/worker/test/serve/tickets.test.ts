import { createIdentity } from '@rios/sdk/crypto/identity';
import { createNetworkKey, issueCertificate } from '@rios/sdk/crypto/network';
import { issueTicket } from '@rios/sdk/crypto/ticket';
import type { Route } from '@rios/sdk/schema/route';
import type { Ticket } from '@rios/sdk/schema/trust';
import { DATA, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { expect } from 'chai';
import { sampling } from '../runtime/support/builders.ts';
import { tinyModel } from '../runtime/support/tiny-model.ts';
import { codeOf, failureOf } from '../support/errors.ts';
import { type Driver, startDriver, whenIdle } from './support/driver.ts';
import { startNetwork, type TestNetwork, type TestWorker } from './support/network.ts';
import { generate, routeOver, stageParts } from './support/routes.ts';

describe('serve: tickets', function () {
  this.timeout(30_000);
  let network: TestNetwork;
  let worker: TestWorker;
  let member: Driver;

  before(async () => {
    network = await startNetwork(await tinyModel());
    worker = await network.startWorker();
    member = await startDriver([worker]);
    await worker.hold(stageParts(network.model.manifest, { worker, from: 0, to: 4 }, true));
  });
  after(async () => {
    await member.stop();
    await network.stop();
  });

  const route = (stageTicket: Partial<Ticket> = {}) =>
    routeOver(network, [{ worker, from: 0, to: 4 }], { stageTicket });
  const ask = (given: Route, maxTokens = 1) => generate(network, given, [2282], maxTokens);
  const refusal = (given: Route) => failureOf(() => ask(given));

  it('default: a good ticket is served', async () => {
    expect((await ask(route())).ids).to.have.length(1);
  });

  it('error AUTH_TICKET_INVALID: the same ticket again', async () => {
    const given = route();
    await ask(given);

    const { code, message } = await refusal(given);

    expect([code, message]).to.deep.equal([
      'AUTH_TICKET_INVALID',
      'the ticket is refused: it was used before',
    ]);
  });

  it('error AUTH_TICKET_INVALID: another network', async () => {
    const key = createNetworkKey();
    const now = Date.now();
    const { stages, ...rest } = route();
    const fields = {
      networkId: key.networkId,
      purpose: 'compute' as const,
      holder: network.identity.peerId,
      audience: worker.identity.peerId,
      requestId: rest.requestId,
      modelHash: rest.modelHash,
      parts: stageParts(network.model.manifest, { worker, from: 0, to: 4 }, true),
      maxUnits: 1000,
      expiresAt: now + 60_000,
    };
    const certificate = issueCertificate(key, network.identity.peerId, now, 60_000);
    const ticket = issueTicket(network.identity, certificate, fields, now);

    const { code } = await refusal({ ...rest, stages: stages.map((stage) => ({ ...stage, ticket })) });

    expect(code).to.equal('AUTH_TICKET_INVALID');
  });

  it('error AUTH_TICKET_EXPIRED', async () => {
    expect((await refusal(route({ expiresAt: Date.now() - 60_000 }))).code).to.equal('AUTH_TICKET_EXPIRED');
  });

  const wrong: Record<string, Partial<Ticket>> = {
    'another audience': { audience: createIdentity().peerId },
    'another holder': { holder: createIdentity().peerId },
    'another request': { requestId: 'req_9999999999' },
    'another model': { modelHash: 'f'.repeat(64) },
    'too few parts': { parts: ['embed'] },
    'another purpose': { purpose: 'fetch' },
  };
  for (const [what, change] of Object.entries(wrong)) {
    it(`error AUTH_TICKET_INVALID: ${what}`, async () => {
      expect((await refusal(route(change))).code).to.equal('AUTH_TICKET_INVALID');
    });
  }

  it('error AUTH_TICKET_INVALID: a member that is no orchestrator asks for an answer', async () => {
    const given = route({ holder: member.identity.peerId });
    const link = await member.peer.connect(worker.address, DATA);
    const meta = { route: given, input: { kind: 'ids', ids: [1] }, sampling: sampling() };

    const asking = () => link.request(Method.generate, payload(meta), { deadlineMs: 5000, epoch: 1 });

    expect(await codeOf(asking)).to.equal('AUTH_TICKET_INVALID');
  });

  it('error QUOTA_UNITS: more work than the ticket allows', async () => {
    expect(await codeOf(() => ask(route({ maxUnits: 12 }), 8))).to.equal('QUOTA_UNITS');
    await whenIdle(worker);
    expect(worker.sessions.size).to.equal(0);
  });

  it('error PEER_PROTOCOL: a route whose first stage is another worker', async () => {
    const { stages, ...rest } = route();
    const moved = stages.map((stage) => ({ ...stage, worker: member.address }));
    const link = await network.peer.connect(worker.address, DATA);
    const given = { ...rest, stages: moved };
    const meta = { route: given, input: { kind: 'ids', ids: [1] }, sampling: sampling() };

    const asking = () => link.request(Method.generate, payload(meta), { deadlineMs: 5000, epoch: 1 });

    expect(await codeOf(asking)).to.equal('PEER_PROTOCOL');
  });

  it('error PEER_PROTOCOL: stages that leave a layer out', async () => {
    expect((await refusal(routeOver(network, [{ worker, from: 0, to: 3 }]))).code).to.equal('PEER_PROTOCOL');
  });

  it('error CAPACITY_PLACING: parts that are not here', async () => {
    await worker.hold(['embed']);

    expect((await refusal(route())).code).to.equal('CAPACITY_PLACING');
  });

  it('error CAPACITY_DRAINING: a worker that leaves', async () => {
    worker.draining = true;

    const { code, retryable } = await refusal(route());
    worker.draining = false;

    expect([code, retryable]).to.deep.equal(['CAPACITY_DRAINING', true]);
  });
});
