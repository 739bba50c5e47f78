import { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { expectError } from '../support/expect-error.ts';
import { createHarness, type Harness } from './harness.ts';
import type { StandInWorker } from './stand-in-worker.ts';
import { until } from './until.ts';

const codeOf = (error: unknown) => (error as RiosError).code;

describe('the control server', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await createHarness();
  });
  afterEach(() => harness.close());

  const viewOf = (worker: StandInWorker) => harness.network.workers.get(worker.peerId);
  const whenState = (worker: StandInWorker, state: string) =>
    until(`the worker is ${state}`, async () => {
      const view = await viewOf(worker);
      return view.state === state ? view : undefined;
    });

  it('default: a worker that can be dialled back is listed and told its peers', async () => {
    const first = await harness.addWorker(0);
    const second = await harness.addWorker(1);
    await whenState(first, 'listed');
    await whenState(second, 'listed');

    const assignment = await until('the first is told of the second', () =>
      first.assignments.at(-1)?.peers.length === 1 ? first.assignments.at(-1) : undefined,
    );

    expect(assignment.models).to.deep.equal([]);
    expect(assignment.peers).to.deep.equal([{ peerId: second.peerId, addresses: second.peer.addresses }]);
    expect(await harness.eventKinds()).to.include('worker.joined');
  });

  it('behaviour: a worker that cannot be dialled is unreachable, with the reason, until it can', async () => {
    const dialError = new RiosError('PEER_UNREACHABLE', 'connection refused');
    const worker = await harness.addWorker(0, { dialError });

    const view = await whenState(worker, 'unreachable');
    expect(view.reason).to.include('connection refused');
    expect(worker.assignments).to.deep.equal([]);

    harness.peers.setDialError(worker.peerId, undefined);
    await harness.pass(16_000, [worker]);
    await whenState(worker, 'listed');
  });

  it('behaviour: heartbeats keep the lease; without them it ends after 6 s', async () => {
    const worker = await harness.addWorker(0);
    await whenState(worker, 'listed');

    await harness.pass(20_000, [worker]);
    expect((await viewOf(worker)).state).to.equal('listed');

    harness.clock.advance(5_999);
    expect((await viewOf(worker)).state).to.equal('listed');
    harness.clock.advance(1);
    const view = await whenState(worker, 'lost');
    expect(view.reason).to.equal('no heartbeat for 6000 ms');
  });

  it('behaviour: a closed link is a lost worker, at once', async () => {
    const worker = await harness.addWorker(0);
    await whenState(worker, 'listed');

    await worker.die();

    await whenState(worker, 'lost');
    expect((await harness.eventKinds()).at(-1)).to.equal('worker.lost');
  });

  it('behaviour: a worker that comes back is listed again', async () => {
    const worker = await harness.addWorker(0);
    await whenState(worker, 'listed');
    await worker.link().close();
    await whenState(worker, 'lost');

    await worker.hello();

    await whenState(worker, 'listed');
  });

  it('behaviour: the report of a worker is shown', async () => {
    const worker = await harness.addWorker(0);
    await whenState(worker, 'listed');

    await worker.beat({ freeMemoryBytes: 123, loopDelayP99Ms: 4.5 });

    expect(await viewOf(worker)).to.include({ freeMemoryBytes: 123, loopDelayP99Ms: 4.5 });
  });

  it('error AUTH_PEER_UNKNOWN: a stranger and an expelled member are refused', async () => {
    const stranger = await harness.addWorker(0, { member: false, silent: true });
    await expectError(stranger.hello(), 'AUTH_PEER_UNKNOWN');

    const member = await harness.addWorker(1);
    await whenState(member, 'listed');
    await harness.network.workers.remove(member.peerId, 'acc_operator00');
    await expectError(harness.network.workers.get(member.peerId), 'NOT_FOUND_WORKER');
    expect(member.link().closed || (await member.link().whenClosed)).to.not.equal(undefined);
    await expectError(member.hello(), 'AUTH_PEER_UNKNOWN');
  });

  it('error QUOTA_RATE: a worker that floods is slowed down, then refused; the others are not', async () => {
    const flooding = await harness.addWorker(0);
    const calm = await harness.addWorker(1);
    await whenState(flooding, 'listed');
    await whenState(calm, 'listed');

    const beats = Array.from({ length: 100 }, () => flooding.beat().then(() => 'taken', codeOf));
    const first = await Promise.race(beats.slice(-40));
    await calm.beat();
    harness.clock.advance(1_000);
    const results = await Promise.all(beats);

    expect(first).to.equal('QUOTA_RATE');
    expect(results.filter((result) => result === 'taken').length).to.be.within(40, 55);
    expect((await viewOf(flooding)).state).to.equal('listed');
  });

  it('error QUOTA_RATE: hellos without end, each of which would be dialled back', async () => {
    const worker = await harness.addWorker(0);
    await whenState(worker, 'listed');

    const hellos = Array.from({ length: 30 }, () => worker.hello().then(() => 'taken', codeOf));
    const first = await Promise.race(hellos.slice(-10));
    harness.clock.advance(3_000);
    const results = await Promise.all(hellos);

    expect(first).to.equal('QUOTA_RATE');
    expect(results.filter((result) => result === 'taken').length).to.be.at.most(12);
  });

  it('error PEER_PROTOCOL: another version, a heartbeat without a hello, an address of someone else', async () => {
    const old = await harness.addWorker(0, { version: '0.0.9', silent: true });
    const refused = await expectError(old.hello(), 'PEER_PROTOCOL');
    expect(refused.hint).to.include('Install version');
    await expectError(old.beat(), 'PEER_PROTOCOL');

    const liar = await harness.addWorker(1, { silent: true });
    liar.peer.addresses.splice(0, 1, `/memory/1/p2p/${old.peerId}`);
    await expectError(liar.hello(), 'PEER_PROTOCOL');
  });

  it('behaviour: an assignment whose taker is gone is sent again when it is back', async () => {
    const worker = await harness.addWorker(0);
    await whenState(worker, 'listed');
    await until('it is assigned', () => worker.assignments.length > 0);
    const before = worker.assignments.length;
    await worker.link().close();
    await whenState(worker, 'lost');

    await worker.hello();
    await whenState(worker, 'listed');

    const again = await until('it is assigned again', () => worker.assignments[before]);
    expect(again.generation).to.be.at.least(worker.assignments[before - 1]?.generation ?? 1);
  });
});
