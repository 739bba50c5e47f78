import { expect } from 'chai';
import * as assignments from '../../packages/orchestrator/src/store/assignments.ts';
import * as orchestrators from '../../packages/orchestrator/src/store/orchestrators.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import * as workers from '../../packages/orchestrator/src/store/workers.ts';
import { anAssignment, aWorker, createMember, PEER } from './store-builders.ts';

/** Who may write what is known of a worker. */
export function describeWorkers(store: () => Store): void {
  const HOME = PEER(8);
  const claim = async (over: Partial<workers.WorkerRecord> = {}) => {
    const worker = { ...aWorker(PEER(1)), ...over };
    const { homeToken } = await workers.claimWorker(store(), worker, over.home ?? HOME);
    return { ...worker, home: over.home ?? HOME, homeToken };
  };

  it('default: an observation comes back as it was written', async () => {
    await createMember(store(), PEER(1));
    const changed = { ...(await claim()), lastSeenAt: 77, rttMs: { [PEER(2)]: 0.25 } };
    const updatedAt = await workers.writeWorker(store(), changed);

    expect(await workers.getWorker(store(), PEER(1))).to.deep.equal({ ...changed, updatedAt, wish: null });
    expect(await workers.listWorkers(store())).to.deep.equal([{ ...changed, updatedAt, wish: null }]);
  });

  it('behaviour: a stranger cannot be a worker', async () => {
    expect(await claim().catch(() => 'refused')).to.equal('refused');
  });

  it('behaviour: who lost a worker to another home writes nothing of it, and never gets its token again', async () => {
    await createMember(store(), PEER(1));
    const older = await claim({ home: PEER(9) });
    const old = await claim();
    const taken = await claim({ home: PEER(9), reason: 'moved' });

    expect(await workers.writeWorker(store(), { ...older, reason: 'late' })).to.equal(undefined);
    expect(await workers.writeWorker(store(), { ...old, reason: 'late' })).to.equal(undefined);
    expect(await workers.releaseWorker(store(), { ...old, state: 'lost' })).to.equal(undefined);
    expect(await workers.getWorker(store(), PEER(1))).to.deep.include({ ...taken, reason: 'moved' });
    await workers.deleteWorker(store(), PEER(1));
    expect((await claim()).homeToken).to.be.greaterThan(taken.homeToken);
  });

  it('behaviour: of two homes that claim at once the later has the worker', async () => {
    await createMember(store(), PEER(1));
    const claims = await Promise.all([8, 9].map((index) => claim({ home: PEER(index) })));
    const [first, last] = claims.toSorted((a, b) => a.homeToken - b.homeToken);

    expect(first?.homeToken).to.be.lessThan(last?.homeToken ?? 0);
    expect(await workers.getWorker(store(), PEER(1))).to.deep.include({ home: last?.home });
  });

  it('behaviour: each write of a worker is later than the one before', async () => {
    await createMember(store(), PEER(1));
    const worker = await claim();
    const times: (number | undefined)[] = [];
    for (let count = 0; count < 20; count++) times.push(await workers.writeWorker(store(), worker));

    expect(times).to.deep.equal([...new Set(times)].toSorted());
    expect((await workers.listWorkerUpdates(store())).get(PEER(1))).to.equal(times.at(-1));
  });

  it('behaviour: a worker is an orphan when its home is not among those that live', async () => {
    await createMember(store(), PEER(1));
    const worker = await claim();
    expect(await workers.listOrphans(store(), HOME), 'one’s own are none').to.deep.equal([]);
    expect((await workers.listOrphans(store(), PEER(9))).map(({ peerId }) => peerId)).to.deep.equal([
      PEER(1),
    ]);

    const entry = { peerId: HOME, addresses: [], apiUrl: null, version: '0.1.0' };
    await orchestrators.registerOrchestrator(store(), entry, 60_000);
    expect(await workers.listOrphans(store(), PEER(9))).to.deep.equal([]);
    await workers.releaseWorker(store(), { ...worker, state: 'lost' });
    expect(await workers.listOrphans(store(), PEER(7)), 'the lost are none').to.deep.equal([]);
  });

  it('behaviour: an older assignment never replaces a newer one', async () => {
    await assignments.putAssignment(store(), PEER(1), anAssignment(3));
    await assignments.putAssignment(store(), PEER(1), anAssignment(2));

    expect(await assignments.getAssignment(store(), PEER(1))).to.deep.equal(anAssignment(3));
    await assignments.setDrained(store(), PEER(1), true);
    expect(await assignments.listAssignmentHeads(store())).to.deep.equal([
      { workerId: PEER(1), generation: 3, drained: true },
    ]);
  });
}
