import { systemClock } from '@rios/sdk/clock';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { parseInvite } from '@rios/sdk/crypto/invite';
import { createNetworkKey } from '@rios/sdk/crypto/network';
import { RiosError } from '@rios/sdk/errors/error';
import { silentLog } from '@rios/sdk/log';
import { join } from '@rios/sdk/p2p/join';
import { createPeer, type Peer } from '@rios/sdk/p2p/peer';
import type { Assignment } from '@rios/sdk/schema/worker';
import { VERSION } from '@rios/sdk/version';
import { Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { expect } from 'chai';
import { type ControlLoop, createControlLoop } from '../src/control-loop.ts';
import { createMembers } from '../src/members.ts';
import { testOffer } from './serve/support/network.ts';
import { codeOf } from './support/errors.ts';
import {
  type OrchestratorSettings,
  startOrchestrator,
  type TestOrchestrator,
} from './support/orchestrator.ts';

describe('control loop', function () {
  this.timeout(30_000);
  const started: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of started.splice(0).reverse()) await each.stop();
  });

  const orchestrate = async (settings: OrchestratorSettings = {}) => {
    const orchestrator = await startOrchestrator({ heartbeatMs: 50, ...settings });
    started.push(orchestrator);
    return orchestrator;
  };
  /** Two that share a network, each of which says that both are alive. */
  const orchestrateTwo = async (second: OrchestratorSettings = {}) => {
    const key = createNetworkKey();
    const both: TestOrchestrator[] = [];
    const orchestrators = () => both.map(({ address }) => address);
    const a = await orchestrate({ key, orchestrators });
    const b = await orchestrate({ key, orchestrators, ...second });
    both.push(a, b);
    return { a, b };
  };
  /** A worker's peer that is a member of all, joined at the first, and its loop. */
  const connect = async (orchestrator: TestOrchestrator, ...others: TestOrchestrator[]) => {
    const members = createMembers();
    const identity = createIdentity();
    const peer: Peer = await createPeer({
      identity,
      listen: ['/ip4/127.0.0.1/tcp/0'],
      accept: members.accepts,
      log: silentLog,
    });
    await peer.start();
    started.push(peer);
    await join(peer, parseInvite(orchestrator.invite), Date.now());
    members.joined([orchestrator, ...others].flatMap(({ membership }) => membership.addresses));
    for (const other of others) other.admit(peer.peerId);
    const assignments: Assignment[] = [];
    const loop: ControlLoop = createControlLoop({
      peer,
      membership: orchestrator.membership,
      orchestrators: members.orchestrators,
      clock: systemClock,
      random: () => 0,
      log: silentLog,
      hello: () => ({ version: VERSION, offer: testOffer(), addresses: peer.addresses, walletBinding: null }),
      heartbeat: () => ({
        parts: [],
        sessions: 0,
        freeMemoryBytes: 1,
        loopDelayP99Ms: 0,
        rttMs: {},
        draining: false,
      }),
      onAssignment: (assignment) => assignments.push(assignment),
      onContainers: () => {},
      onDrain: () => {},
      onOrchestrators: members.alive,
    });
    started.push(loop);
    return { loop, peer, members, assignments, running: loop.run() };
  };

  it('default: says hello, reports, and takes assignments', async () => {
    const orchestrator = await orchestrate();
    const { loop, assignments } = await connect(orchestrator);
    await orchestrator.reported(({ sequence }) => sequence >= 2);

    await orchestrator.assign([]);
    const beat = await orchestrator.reported(({ generation }) => generation === 1);

    expect(orchestrator.hellos).to.have.length(1);
    expect(assignments.map(({ generation }) => generation)).to.deep.equal([1]);
    expect(beat.draining).to.equal(false);
    expect(loop.orchestrator?.peerId).to.equal(orchestrator.identity.peerId);
  });

  it('behaviour: connects again after the link is lost', async () => {
    const orchestrator = await orchestrate();
    const hello = orchestrator.nextHello();
    await connect(orchestrator);
    const link = await hello;

    const again = orchestrator.nextHello();
    await link.close();
    await again;

    expect(orchestrator.hellos).to.have.length(2);
  });

  it('behaviour: an orchestrator that answers a heartbeat with an error is greeted anew', async () => {
    let beats = 0;
    const orchestrator = await orchestrate({
      control: {
        [Method.heartbeat]: async () => {
          if (++beats === 1) throw new RiosError('PEER_PROTOCOL', 'a heartbeat came before the hello');
          return payload({ leaseExpiresInMs: 6000, generation: 0 });
        },
      },
    });
    const first = orchestrator.nextHello();
    await connect(orchestrator);
    await first;

    await orchestrator.nextHello();

    expect(orchestrator.hellos).to.have.length(2);
  });

  it('error INTEGRITY_SIGNATURE: an orchestrator that the network’s key has not certified', async () => {
    const orchestrator = await orchestrate({ certifier: createNetworkKey() });

    const { running, assignments, loop } = await connect(orchestrator);

    expect(await codeOf(() => running)).to.equal('INTEGRITY_SIGNATURE');
    expect(assignments).to.deep.equal([]);
    expect(loop.orchestrator).to.equal(undefined);
  });

  it('behaviour: goes to another orchestrator when its own dies, and keeps the assignment', async () => {
    const { a, b } = await orchestrateTwo();
    const { loop, peer, members, assignments } = await connect(a);
    b.admit(peer.peerId);
    await a.reported(() => true);
    await a.assign([]);
    const hello = b.nextHello();

    await a.peer.stop();
    await hello;
    const beat = await b.reported(() => true);

    expect(beat.generation).to.equal(1);
    expect(assignments).to.have.length(1);
    expect(loop.orchestrator?.peerId).to.equal(b.identity.peerId);
    expect(members.orchestrators().map(({ peerId }) => peerId)).to.deep.equal([
      a.identity.peerId,
      b.identity.peerId,
    ]);
  });

  it('behaviour: never follows an older assignment, whichever orchestrator brings it', async () => {
    const { a, b } = await orchestrateTwo();
    const { assignments } = await connect(a, b);
    await a.reported(() => true);
    await a.assign([]);
    await a.assign([]);
    const hello = b.nextHello();
    await a.peer.stop();
    await hello;
    await b.reported(() => true);

    await b.assign([]);
    await b.assign([]);
    await b.assign([]);

    expect(assignments.map(({ generation }) => generation)).to.deep.equal([1, 2, 2, 3]);
  });

  it('behaviour: accepts and remembers an orchestrator that it was told of', async () => {
    const { a, b } = await orchestrateTwo();

    const { members } = await connect(a);
    await a.reported(({ sequence }) => sequence >= 1);

    expect(members.accepts(b.identity.peerId)).to.equal(true);
    expect(members.accepts(createIdentity().peerId)).to.equal(false);
  });

  it('behaviour: one orchestrator that refuses it is no reason to give up on the other', async () => {
    const key = createNetworkKey();
    const refusing = await orchestrate({ key, certifier: createNetworkKey() });
    const other = await orchestrate({ key });
    const hello = other.nextHello();

    const { loop } = await connect(refusing, other);
    await hello;
    await other.reported(() => true);

    expect(refusing.hellos).to.have.length(1);
    expect(loop.orchestrator?.peerId).to.equal(other.identity.peerId);
  });

  it('behaviour: a worker that leaves asks the next orchestrator when its own dies meanwhile', async () => {
    const asked: string[] = [];
    const never = new Promise<never>(() => {});
    const askedA = Promise.withResolvers<void>();
    const key = createNetworkKey();
    const both: TestOrchestrator[] = [];
    const orchestrators = () => both.map(({ address }) => address);
    const drainOf = (name: string, answer: () => Promise<unknown>) => ({
      [Method.drain]: async () => {
        asked.push(name);
        await answer();
        return payload();
      },
    });
    const a = await orchestrate({
      key,
      orchestrators,
      control: drainOf('a', () => {
        askedA.resolve();
        return never;
      }),
    });
    const b = await orchestrate({ key, orchestrators, control: drainOf('b', async () => {}) });
    both.push(a, b);
    const { loop } = await connect(a, b);
    await a.reported(() => true);

    const draining = loop.drain(10_000);
    await askedA.promise;
    await a.peer.stop();
    await draining;

    expect(asked).to.deep.equal(['a', 'b']);
  });
});
