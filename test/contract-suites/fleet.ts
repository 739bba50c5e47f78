import { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import type { Perform } from '../../packages/orchestrator/src/p2p/move-orphans.ts';
import { listEvents } from '../../packages/orchestrator/src/store/events.ts';
import { insertInvite } from '../../packages/orchestrator/src/store/invites.ts';
import { acquireLease, asHolder, NOT_HELD } from '../../packages/orchestrator/src/store/leases.ts';
import { upsertMember } from '../../packages/orchestrator/src/store/members.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { getWorker } from '../../packages/orchestrator/src/store/workers.ts';
import { until } from '../../packages/orchestrator/test/p2p/until.ts';
import { expectError } from '../../packages/orchestrator/test/support/expect-error.ts';
import {
  createFleetOrchestrator,
  type FleetOrchestrator,
  performIn,
  type WorkerLink,
} from '../../packages/orchestrator/test/support/fleet-orchestrator.ts';
import type { StoreBackend } from './store.ts';
import { anInvite, PEER } from './store-builders.ts';

const WORKER = PEER(1);
const OPERATOR = 'acc_operator00';
const LEASE_MS = 6_000;

/** Workers and members of several orchestrators on one store. Run it once per backend. */
export function fleetContract(backend: StoreBackend): void {
  describe(`the fleet of several orchestrators on ${backend.name}`, () => {
    let store: Store;
    let a: FleetOrchestrator;
    let b: FleetOrchestrator;
    let c: FleetOrchestrator;
    beforeEach(async () => {
      store = await backend.open();
      await insertInvite(store, anInvite());
      for (const peerId of [WORKER, PEER(2)]) {
        await upsertMember(store, { peerId, inviteId: anInvite().id, joinedAt: 1 });
      }
      [a, b, c] = [start(20), start(21), start(22)];
      for (const one of [a, b, c]) await one.enter();
    });
    afterEach(async () => {
      for (const { registry } of [a, b, c]) await registry.stop();
      await store.destroy();
    });
    after(() => backend.close?.());

    const start = (index: number) => createFleetOrchestrator(store, index, anInvite().id);
    const kinds = async (subject = WORKER) =>
      (await listEvents(store, 1000))
        .filter((event) => event.subject === subject)
        .map(({ kind }) => kind)
        .toReversed();
    const whenState = (one: FleetOrchestrator, state: string, workerId = WORKER) =>
      until(`the worker is ${state}`, async () => {
        await one.read();
        return one.registry.get(workerId)?.state === state;
      });
    /** A worker with its link at this orchestrator, and a report of a part that is ready. */
    const settle = async (one: FleetOrchestrator, workerId = WORKER): Promise<WorkerLink> => {
      const worker = one.connect(workerId);
      await worker.hello();
      await whenState(one, 'listed', workerId);
      await worker.beat();
      return worker;
    };
    const rowOf = async (peerId = WORKER) =>
      (await getWorker(store, peerId)) ?? expect.fail('no such worker');

    it('default: a worker that is listed at one is known at the others, with all that it reports', async () => {
      await settle(a);
      await b.read();

      const { link: _, ...here } = a.registry.get(WORKER) ?? expect.fail('A has it');
      const { link, ...there } = b.registry.get(WORKER) ?? expect.fail('B knows it');
      expect(there).to.deep.equal(here);
      expect(link).to.equal(null);
      expect(there).to.include({ home: a.self, sessions: 3, generation: 7 });
      expect([a.registry.listOwn().length, b.registry.listOwn().length]).to.deep.equal([1, 0]);
    });

    it('behaviour: a hello at another takes the worker over, and for the network nothing has changed', async () => {
      const before = await settle(a);
      const after = b.connect(WORKER);
      await after.hello();
      const { state, parts, sessions, generation } = b.registry.get(WORKER) ?? expect.fail('B has it');
      await a.read();
      await before.link.whenClosed;

      expect({ state, parts: parts.length, sessions, generation }).to.deep.equal({
        state: 'listed',
        parts: 1,
        sessions: 3,
        generation: 7,
      });
      expect(a.registry.get(WORKER)).to.deep.include({ state: 'listed', home: b.self, link: null });
      a.clock.advance(LEASE_MS);
      await after.beat();
      expect(await kinds()).to.deep.equal(['worker.joined']);
      expect((await rowOf()).home).to.equal(b.self);
    });

    it('behaviour: an orchestrator that stood still and wakes up writes nothing', async () => {
      const before = await settle(a);
      const after = b.connect(WORKER);
      await after.hello();
      const row = await rowOf();

      await before.beat({ generation: 1, parts: [] });
      expect(before.link.closed || (await before.link.whenClosed)).to.not.equal(false);
      await expectError(before.beat(), 'PEER_PROTOCOL');
      expect(await rowOf()).to.deep.equal(row);
      expect(await kinds()).to.deep.equal(['worker.joined']);
      expect(a.registry.get(WORKER)).to.include({ home: b.self, link: null });
    });

    it('behaviour: one that stood still for a lease does not lose what another has by now', async () => {
      const before = await settle(a);
      await b.connect(WORKER).hello();
      const row = await rowOf();

      a.clock.advance(LEASE_MS);
      await before.link.whenClosed;
      await until('A knows that B has it', () => a.registry.get(WORKER)?.home === b.self);
      expect(await rowOf()).to.deep.equal(row);
      expect(await kinds()).to.deep.equal(['worker.joined']);
    });

    it('behaviour: a dead orchestrator’s workers are awaited once, though two look; who stays away is lost', async () => {
      await settle(a);
      const second = await settle(a, PEER(2));
      await a.enter(1);
      await until('A has ended', async () => {
        await Promise.all([b, c].map(({ registry }) => registry.tend(performIn(store))));
        return (await kinds(a.self)).length > 0;
      });
      await Promise.all([b, c].map((one) => one.read()));
      expect(b.registry.list().map(({ state }) => state)).to.deep.equal(['joining', 'joining']);
      await second.link.close();
      const back = c.connect(PEER(2));
      await back.hello();
      await whenState(c, 'listed', PEER(2));
      await b.read();

      for (const { clock } of [b, c]) clock.advance(LEASE_MS - 1_000);
      await back.beat();
      for (const { clock } of [b, c]) clock.advance(1_000);
      await whenState(b, 'lost');
      await whenState(c, 'lost');
      expect(await kinds(a.self)).to.deep.equal(['orchestrator.lost']);
      expect(await kinds()).to.deep.equal(['worker.joined', 'worker.awaited', 'worker.lost']);
      expect(await kinds(PEER(2))).to.deep.equal(['worker.joined', 'worker.awaited', 'worker.joined']);
      expect(c.registry.get(PEER(2))).to.include({ state: 'listed', home: c.self });
    });

    it('behaviour: only who holds the lease looks after the workers of the dead', async () => {
      await settle(a);
      await a.enter(1);
      const old = await acquireLease(store, 'planner', b.self, 1);
      const lease = await until('C plans', () => acquireLease(store, 'planner', c.self, 60_000));
      const as =
        (held: typeof old): Perform =>
        async (work) =>
          held === undefined ? NOT_HELD : asHolder(store, held, work);

      await b.registry.tend(as(old));
      expect(await kinds()).to.deep.equal(['worker.joined']);
      await until('A has ended', async () => {
        await c.registry.tend(as(lease));
        return (await kinds()).length > 1;
      });
      expect(await kinds()).to.deep.equal(['worker.joined', 'worker.awaited']);
    });

    it('behaviour: an orchestrator that starts again awaits its own workers, and leaves those of others', async () => {
      await settle(a);
      await settle(b, PEER(2));
      await a.registry.stop();
      a = start(20);
      await a.registry.load();

      expect(a.registry.get(WORKER)).to.include({ state: 'joining', home: null });
      expect(a.registry.get(PEER(2))).to.include({ state: 'listed', home: b.self });
      a.clock.advance(LEASE_MS);
      await whenState(b, 'lost');
      expect(await kinds()).to.deep.equal(['worker.joined', 'worker.awaited', 'worker.lost']);
      expect(await kinds(PEER(2))).to.deep.equal(['worker.joined']);
    });

    it('behaviour: who joins at one is known at the others', async () => {
      await b.membership.load();
      expect(b.membership.accepts(PEER(3))).to.equal(false);
      await a.membership.admit(PEER(3), { inviteId: anInvite().id, secret: '' });

      await b.read();
      expect(b.membership.accepts(PEER(3))).to.equal(true);
      expect(b.disconnected).to.deep.equal([]);
    });

    it('behaviour: who is expelled at one loses its link at another, and cannot say hello there any more', async () => {
      await Promise.all([a, b].map(({ membership }) => membership.load()));
      const worker = await settle(b);
      await a.read();
      await a.workers.remove(WORKER, OPERATOR);

      await expectError(b.connect(WORKER).hello(), 'AUTH_PEER_UNKNOWN');
      expect(b.membership.accepts(WORKER), 'B has not read of it yet').to.equal(true);
      await b.read();
      await worker.link.whenClosed;
      expect(b.membership.accepts(WORKER)).to.equal(false);
      expect(b.disconnected).to.deep.equal([WORKER]);
      expect(b.registry.get(WORKER)).to.equal(undefined);
      expect(await kinds()).to.deep.equal(['worker.joined', 'worker.removed']);
      await expectError(b.workers.remove(WORKER, OPERATOR), 'NOT_FOUND_WORKER');
    });

    it('behaviour: a drain asked for at one reaches the worker through another, once', async () => {
      const worker = await settle(a);
      await b.read();
      await b.registry.askToDrain(WORKER);
      await b.registry.askToDrain(WORKER);

      await whenState(a, 'draining');
      await whenState(b, 'draining');
      await until('the worker was told', () => worker.drains === 1);
      await a.read();
      expect((await rowOf()).wish).to.equal(null);
      await worker.beat();
      expect(worker.drains).to.equal(1);
      expect(await kinds()).to.deep.equal(['worker.joined', 'worker.draining']);
    });

    it('behaviour: a drain that its orchestrator did not live to see goes with the worker', async () => {
      await settle(a);
      await b.read();
      await b.registry.askToDrain(WORKER);
      const worker = c.connect(WORKER);
      await worker.hello();

      await whenState(c, 'draining');
      await until('the worker was told', () => worker.drains === 1);
      expect(await kinds()).to.deep.equal(['worker.joined', 'worker.draining']);
    });

    it('behaviour: a worker that drains goes on draining at the next orchestrator, and is told so there', async () => {
      const before = await settle(a);
      await before.beat({ draining: true });
      const after = b.connect(WORKER);
      await after.hello();

      expect(b.registry.get(WORKER)).to.include({ state: 'draining', home: b.self });
      await after.beat();
      await until('the worker was told', () => after.drains === 1);
      expect(await kinds()).to.deep.equal(['worker.joined', 'worker.draining']);
    });

    it('behaviour: a suspect of another orchestrator is dialled, and lost for all when it does not answer', async () => {
      const worker = await settle(a);
      await b.read();
      await b.registry.suspect(WORKER, 'it did not answer');
      expect(b.registry.get(WORKER)?.state, 'it answers').to.equal('listed');

      b.dialError = new RiosError('PEER_UNREACHABLE', 'nobody there');
      await b.registry.suspect(WORKER, 'it did not answer');
      await a.read();
      await worker.link.whenClosed;
      expect(a.registry.get(WORKER)).to.include({ state: 'lost', home: null, reason: 'it did not answer' });
      expect(await kinds()).to.deep.equal(['worker.joined', 'worker.lost']);

      const back = a.connect(WORKER);
      await back.hello();
      await whenState(b, 'listed');
    });

    it('behaviour: a loss that the store could not take is written as soon as it can', async () => {
      const worker = await settle(a);
      await store.schema.alterTable('events').renameTo('events_away').execute();
      await worker.link.close();
      await until('the store refused it', () => a.errors.length > 0);
      expect((await rowOf()).state).to.equal('listed');

      await store.schema.alterTable('events_away').renameTo('events').execute();
      a.clock.advance(1_000);
      await whenState(b, 'lost');
      expect(await kinds()).to.deep.equal(['worker.joined', 'worker.lost']);
    });

    it('behaviour: two hellos at two orchestrators at once leave the worker with one of them', async () => {
      const links = [a, b].map((one) => one.connect(WORKER));
      await Promise.all(links.map((worker) => worker.hello()));
      await until('one has it', async () => {
        await Promise.all([a, b].map((one) => one.read()));
        return links.filter(({ link }) => link.closed).length === 1;
      });

      const { home } = await rowOf();
      const owners = [a, b].filter(({ registry }) => registry.listOwn().length === 1);
      expect(owners.map(({ self }) => self)).to.deep.equal([home]);
      await whenState(a, 'listed');
      expect(await kinds()).to.deep.equal(['worker.joined']);
    });
  });
}
