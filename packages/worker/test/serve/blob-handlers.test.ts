import { sha256Of } from '@rios/sdk/crypto/hash';
import { createIdentity } from '@rios/sdk/crypto/identity';
import type { Ticket, TicketBundle } from '@rios/sdk/schema/trust';
import { holdingsReplySchema } from '@rios/sdk/wire/messages';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { BLOB, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { expect } from 'chai';
import { tinyModel } from '../runtime/support/tiny-model.ts';
import { codeOf } from '../support/errors.ts';
import { type Driver, startDriver } from './support/driver.ts';
import { startNetwork, type TestNetwork, type TestWorker } from './support/network.ts';

describe('serve: model files to other members', function () {
  this.timeout(30_000);
  let network: TestNetwork;
  let worker: TestWorker;
  let member: Driver;

  before(async () => {
    network = await startNetwork(await tinyModel());
    worker = await network.startWorker();
    member = await startDriver([worker]);
    await worker.hold(['head']);
  });
  after(async () => {
    await member.stop();
    await network.stop();
  });

  const ticketOf = (changes: Partial<Ticket> = {}) =>
    network.ticket({ holder: member.identity.peerId, purpose: 'fetch', ...changes });
  const ask = async (method: Method, fields: object, ticket: TicketBundle) => {
    const link = await member.peer.connect(worker.address, BLOB);
    const { modelHash } = network.model;
    return await link.request(method, payload({ modelHash, ticket, ...fields }), { deadlineMs: 5000 });
  };
  const fileNamed = (path: string) => {
    const file = network.model.manifest.files.find((each) => each.path === path);
    if (file === undefined) throw new Error(`no ${path}`);
    return file;
  };

  it('default: the holder of a fetch ticket gets chunks, as often as it asks', async () => {
    const { sha256 } = fileNamed('trunk/head.onnx');
    const ticket = ticketOf();

    const bodies = [
      await ask(Method.chunk, { sha256, index: 0 }, ticket),
      await ask(Method.chunk, { sha256, index: 0 }, ticket),
    ];

    expect(bodies.map(({ body }) => sha256Of(body))).to.deep.equal([sha256, sha256]);
  });

  it('default: tells which files it holds', async () => {
    const { files } = decodeMeta(holdingsReplySchema, (await ask(Method.holdings, {}, ticketOf())).meta);

    expect(files).to.include(fileNamed('trunk/head.onnx').sha256);
    expect(files).not.to.include(fileNamed('trunk/000.onnx').sha256);
  });

  it('error NOT_FOUND_BLOB: a file that it does not hold', async () => {
    const { sha256 } = fileNamed('trunk/000.onnx');
    expect(await codeOf(() => ask(Method.chunk, { sha256, index: 0 }, ticketOf()))).to.equal(
      'NOT_FOUND_BLOB',
    );
  });

  const wrong: Record<string, Partial<Ticket>> = {
    'of another model': { modelHash: 'f'.repeat(64) },
    'for computing': { purpose: 'compute' },
    'of another holder': { holder: '12D3KooWDztzMDQ6NHtppjV4UTFiWQjyaZ4KmgkToTBZkjN3v7sb' },
  };
  for (const [what, changes] of Object.entries(wrong)) {
    it(`error AUTH_TICKET_INVALID: a ticket ${what}`, async () => {
      const { sha256 } = fileNamed('trunk/head.onnx');
      expect(await codeOf(() => ask(Method.chunk, { sha256, index: 0 }, ticketOf(changes)))).to.equal(
        'AUTH_TICKET_INVALID',
      );
    });
  }

  it('error AUTH_PEER_UNKNOWN: a member that was expelled, on the link that it still has', async () => {
    const { sha256 } = fileNamed('trunk/head.onnx');
    const ticket = ticketOf();
    await ask(Method.chunk, { sha256, index: 0 }, ticket);
    const listed = worker.members.peers();
    worker.members.listed(listed.filter(({ peerId }) => peerId !== member.peer.peerId));

    const codes = [
      await codeOf(() => ask(Method.chunk, { sha256, index: 0 }, ticket)),
      await codeOf(() => ask(Method.holdings, {}, ticket)),
    ];
    worker.members.listed(listed);

    expect(codes).to.deep.equal(['AUTH_PEER_UNKNOWN', 'AUTH_PEER_UNKNOWN']);
  });

  it('behaviour: a second worker fetches from the first, when the store cannot be reached', async () => {
    const second = await network.startWorker();
    second.members.joined([`/ip4/127.0.0.1/tcp/1/p2p/${createIdentity().peerId}`]);
    await second.hold(['head'], [worker.address]);

    expect(second.worker.observed()).to.deep.include({
      modelHash: network.model.modelHash,
      partId: 'head',
      state: 'ready',
    });
  });
});
