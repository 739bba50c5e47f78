import { expertsPartId } from '@rios/sdk/schema/manifest';
import { decodePartials, encodeExpertsRequest, encodePartials } from '@rios/sdk/wire/expert-codec';
import type { Handlers, Link } from '@rios/sdk/wire/link';
import { expertsOpenSchema } from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { expect } from 'chai';
import { tinyModel } from '../runtime/support/tiny-model.ts';
import { codeOf, failureOf } from '../support/errors.ts';
import { type Driver, startDriver, whenIdle } from './support/driver.ts';
import { startNetwork, type TestNetwork, type TestWorker } from './support/network.ts';
import { freshIds, generate, groupParts, routeOver, stageParts } from './support/routes.ts';

const HIDDEN = 192;

describe('serve: experts for another worker', function () {
  this.timeout(30_000);
  let network: TestNetwork;
  let worker: TestWorker;

  before(async () => {
    network = await startNetwork(await tinyModel());
    worker = await network.startWorker();
    await worker.hold(stageParts(network.model.manifest, { worker, from: 0, to: 4 }, true));
  });
  after(() => network.stop());

  describe('asked by a peer', () => {
    let driver: Driver;
    let link: Link;
    beforeEach(async () => {
      driver = await startDriver([worker]);
      link = await driver.connect(worker);
    });
    afterEach(async () => {
      await driver.stop();
      await whenIdle(worker);
    });

    const open = async (parts: readonly string[], allowed = parts) => {
      const ids = freshIds();
      const ticket = network.ticket({
        holder: driver.identity.peerId,
        audience: worker.identity.peerId,
        requestId: ids.requestId,
        parts: [...allowed],
      });
      const { modelHash } = network.model;
      const meta = { ...ids, modelHash, parts, ticket };
      await link.request(Method.expertsOpen, payload(meta), { deadlineMs: 5000, epoch: 1 });
      return ids.sessionId;
    };
    const call = (sessionId: string, layer: number, group: number, body?: Uint8Array, over = link) =>
      over.request(Method.experts, payload({ sessionId, layer }, body ?? oneRow(group)), {
        deadlineMs: 5000,
        epoch: 1,
      });

    it('default: answers the opened groups', async () => {
      const sessionId = await open([expertsPartId(0, 1)]);

      const { hidden, partials } = decodePartials((await call(sessionId, 0, 1)).body);

      expect(hidden).to.equal(HIDDEN);
      expect(partials.map(({ group }) => group)).to.deep.equal([1]);
    });

    it('error AUTH_TICKET_INVALID: groups that the ticket does not name', async () => {
      const opening = () => open([expertsPartId(0, 1), expertsPartId(0, 2)], [expertsPartId(0, 1)]);
      expect(await codeOf(opening)).to.equal('AUTH_TICKET_INVALID');
    });

    it('error PEER_PROTOCOL: groups that were not opened', async () => {
      const sessionId = await open([expertsPartId(0, 1)]);

      expect(await codeOf(() => call(sessionId, 0, 2))).to.equal('PEER_PROTOCOL');
      expect(await codeOf(() => call(sessionId, 1, 1))).to.equal('PEER_PROTOCOL');
    });

    it('error PEER_PROTOCOL: a body that is cut short', async () => {
      const sessionId = await open([expertsPartId(0, 1)]);
      const cut = oneRow(1).subarray(0, 40);

      expect(await codeOf(() => call(sessionId, 0, 1, cut))).to.equal('PEER_PROTOCOL');
    });

    it('error AUTH_FORBIDDEN: another peer’s session', async () => {
      const sessionId = await open([expertsPartId(0, 1)]);
      const other = await startDriver([worker]);

      expect(
        await codeOf(async () => call(sessionId, 0, 1, undefined, await other.connect(worker))),
      ).to.equal('AUTH_FORBIDDEN');
      await other.stop();
    });

    it('error AUTH_PEER_UNKNOWN: a member that was expelled, on the link that it still has', async () => {
      const listed = worker.members.peers();
      worker.members.listed(listed.filter(({ peerId }) => peerId !== driver.identity.peerId));

      const code = await codeOf(() => open([expertsPartId(0, 1)]));
      worker.members.listed(listed);

      expect(code).to.equal('AUTH_PEER_UNKNOWN');
    });

    it('error AUTH_TICKET_INVALID: a ticket that opened experts opens no second session, on any link', async () => {
      const ids = freshIds();
      const parts = [expertsPartId(0, 1)];
      const ticket = network.ticket({
        holder: driver.identity.peerId,
        audience: worker.identity.peerId,
        requestId: ids.requestId,
        parts,
      });
      const { modelHash } = network.model;
      const openWith = async (sessionId: string) => {
        const over = await driver.connect(worker);
        const meta = { ...ids, sessionId, modelHash, parts, ticket };
        return await over.request(Method.expertsOpen, payload(meta), { deadlineMs: 5000, epoch: 1 });
      };
      await openWith(ids.sessionId);

      expect(await codeOf(() => openWith(freshIds().sessionId))).to.equal('AUTH_TICKET_INVALID');
      await link.close();
      expect(await codeOf(() => openWith(ids.sessionId))).to.equal('AUTH_TICKET_INVALID');
    });

    it('error QUOTA_UNITS: one row more than the ticket allows, and none after that', async () => {
      const ids = freshIds();
      const parts = [expertsPartId(0, 1)];
      const ticket = network.ticket({
        holder: driver.identity.peerId,
        audience: worker.identity.peerId,
        requestId: ids.requestId,
        parts,
        maxUnits: 1,
      });
      const meta = { ...ids, modelHash: network.model.modelHash, parts, ticket };
      await link.request(Method.expertsOpen, payload(meta), { deadlineMs: 5000, epoch: 1 });

      await call(ids.sessionId, 0, 1);
      expect(await codeOf(() => call(ids.sessionId, 0, 1))).to.equal('QUOTA_UNITS');
      expect(await codeOf(() => call(ids.sessionId, 0, 1))).to.equal('QUOTA_UNITS');
    });

    it('behaviour: the session ends with the link', async () => {
      await open([expertsPartId(0, 1)]);

      await driver.stop();
      await whenIdle(worker);

      expect(worker.sessions.size).to.equal(0);
    });
  });

  describe('asked of a peer that lies', () => {
    const ask = async (handlers: Handlers) => {
      const liar = await startDriver([worker], handlers);
      const stranger = { ...worker, address: liar.address, identity: liar.identity };
      const plan = { worker, from: 0, to: 4, experts: [{ worker: stranger, groups: [0, 1, 2, 3] }] };
      try {
        return await failureOf(() => generate(network, routeOver(network, [plan]), [2282], 2));
      } finally {
        await liar.stop();
      }
    };
    const answering = (body: Uint8Array): Handlers => ({
      [Method.expertsOpen]: async () => payload(),
      [Method.experts]: async () => payload(undefined, body),
      [Method.sessionClose]: async () => payload({ receipts: [], shares: [] }),
    });
    const partial = (group: number, value: number) => ({
      group,
      rows: Uint32Array.of(0),
      mass: Float32Array.of(1),
      y: new Float32Array(HIDDEN).fill(value),
    });

    const lies: Record<string, Uint8Array> = {
      'other groups than asked for': encodePartials(HIDDEN, [partial(7, 0)]),
      'no groups': encodePartials(HIDDEN, []),
      'numbers that are not finite': encodePartials(
        HIDDEN,
        [0, 1, 2, 3].map((group) => partial(group, Number.NaN)),
      ),
      'another width': encodePartials(1, []),
      garbage: new Uint8Array([1, 2, 3]),
    };
    for (const [what, body] of Object.entries(lies)) {
      it(`behaviour: ${what} fails the request as retryable, and nothing else`, async () => {
        const { code, retryable } = await ask(answering(body));
        await whenIdle(worker);

        expect(['PEER_BAD_RESULT', 'PEER_PROTOCOL']).to.include(code);
        expect(retryable).to.equal(true);
        const plan = { worker, from: 0, to: 4 };
        expect((await generate(network, routeOver(network, [plan]), [2282], 1)).ids).to.have.length(1);
      });
    }

    it('error PEER_LOST: a peer that goes away during the request', async () => {
      const handlers: Handlers = {
        ...answering(new Uint8Array()),
        [Method.experts]: async (_, link) => {
          await link.close();
          return payload();
        },
      };

      const { code, retryable } = await ask(handlers);
      await whenIdle(worker);

      expect([code, retryable]).to.deep.equal(['PEER_LOST', true]);
    });

    it('behaviour: a peer that refuses to open leaves nothing open', async () => {
      const { code } = await ask({});
      await whenIdle(worker);

      expect(code).to.equal('PEER_PROTOCOL');
    });
  });

  it('behaviour: a peer that hands in no receipt does not fail the request', async () => {
    const computing = await network.startWorker();
    await computing.hold(groupParts(network.model.manifest, [1]));
    const middle: { link?: Link } = {};
    const relay = await startDriver([worker, computing], {
      [Method.expertsOpen]: async ({ meta }) => {
        middle.link = await relay.connect(computing);
        const ask = decodeMeta(expertsOpenSchema, meta);
        const { requestId, parts } = ask;
        const ends = { holder: relay.identity.peerId, audience: computing.identity.peerId };
        const ticket = network.ticket({ ...ends, requestId, parts });
        return middle.link.request(Method.expertsOpen, payload({ ...ask, ticket }), {
          deadlineMs: 5000,
          epoch: 1,
        });
      },
      [Method.experts]: async (incoming) => {
        if (middle.link === undefined) throw new Error('not open');
        return middle.link.request(Method.experts, incoming, { deadlineMs: 5000, epoch: 1 });
      },
    });
    const mute = { ...computing, address: relay.address, identity: relay.identity };
    const plan = { worker, from: 0, to: 4, experts: [{ worker: mute, groups: [1] }] };

    const answer = await generate(network, routeOver(network, [plan]), [2282], 4);
    await relay.stop();

    const { ids } = await generate(network, routeOver(network, [{ worker, from: 0, to: 4 }]), [2282], 4);
    expect(answer.ids).to.deep.equal(ids);
    expect(answer.end.receipts).to.have.length(1);
  });
});

/** One row of ones for the first expert of a group (two experts a group). */
function oneRow(group: number): Uint8Array {
  return encodeExpertsRequest({
    x: new Float32Array(HIDDEN).fill(1),
    rows: 1,
    hidden: HIDDEN,
    groups: [
      { group, rows: Uint32Array.of(0), experts: Uint32Array.of(2 * group), weights: Float32Array.of(0.5) },
    ],
  });
}
