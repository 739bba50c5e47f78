import { expect } from 'chai';
import {
  enqueueEvaluation,
  lastEvaluated,
  noteEvaluated,
  takeEvaluation,
} from '../../packages/orchestrator/src/store/evaluations.ts';
import * as events from '../../packages/orchestrator/src/store/events.ts';
import {
  type ClaimFields,
  createIdempotencyStore,
  freeKeysOfGone,
  freeOwnKeys,
} from '../../packages/orchestrator/src/store/idempotency.ts';
import {
  acquireLease,
  asHolder,
  NOT_HELD,
  releaseLease,
} from '../../packages/orchestrator/src/store/leases.ts';
import { getNetworkFact, putNetworkFact } from '../../packages/orchestrator/src/store/network.ts';
import { registerOrchestrator } from '../../packages/orchestrator/src/store/orchestrators.ts';
import * as requests from '../../packages/orchestrator/src/store/requests.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { createAccount, PEER } from './store-builders.ts';

const END = { ...requests.STOPPED, finishedAt: 5 };
const ANSWERED = {
  shares: [],
  usage: { promptTokens: 3, completionTokens: 4 },
  ttftMs: 1.5,
  totalMs: 9,
  finishedAt: 50,
};

/** What several orchestrators that share a store rely on. */
export function describeSharedWork(store: () => Store): void {
  const live = (index: number) =>
    registerOrchestrator(store(), { peerId: PEER(index), addresses: [], apiUrl: null, version: '0' }, 60_000);
  const begin = async (...whose: (readonly [id: string, orchestrator: number])[]) => {
    const accountId = await createAccount(store());
    for (const [id, index] of whose) {
      const request = { id, accountId, model: 'a', createdAt: 1, orchestrator: PEER(index) };
      await requests.insertRequest(store(), request);
    }
    return accountId;
  };
  const stateOf = async (id: string) => (await requests.getRequest(store(), id))?.state;

  it('behaviour: a wish that joins another is told the id of that one', async () => {
    const wish = (key: string, dueAt: number) => enqueueEvaluation(store(), { key, reason: 'test', dueAt });
    const first = await wish('a', 30);
    const joined = await Promise.all([wish('a', 10), wish('a', 40), wish('a', 20)]);
    expect(joined).to.deep.equal([first, first, first]);

    expect(await takeEvaluation(store(), 10)).to.include({ id: first, due_at: 10 });
    expect(await wish('a', 1), 'one that is being carried out is not joined').to.be.greaterThan(first);
  });

  it('behaviour: the highest evaluation that was carried out is known, and never goes back', async () => {
    expect(await lastEvaluated(store())).to.equal(0);
    for (const id of [3, 12, 7]) await noteEvaluated(store(), id);

    expect(await lastEvaluated(store())).to.equal(12);
  });

  it('behaviour: only the holder of a lease writes', async () => {
    const old = await acquireLease(store(), 'planner', 'a', 60_000);
    if (old === undefined) expect.fail('the lease was free');
    const write = (value: string) =>
      asHolder(store(), old, (tx) => putNetworkFact(tx, 'plan', value).then(() => value));
    expect(await write('of the holder')).to.equal('of the holder');
    await releaseLease(store(), old);
    await acquireLease(store(), 'planner', 'b', 60_000);

    expect(await write('of who was')).to.equal(NOT_HELD);
    expect(await getNetworkFact(store(), 'plan')).to.equal('of the holder');
  });

  it('behaviour: an orchestrator that starts fails its own requests, and no others', async () => {
    await begin(['req_own', 1], ['req_other', 2]);

    const failed = await requests.failRequests(store(), { orchestrator: PEER(1) }, END);

    expect(failed.map(({ id }) => id)).to.deep.equal(['req_own']);

    expect(await requests.getRequest(store(), 'req_own')).to.include({
      state: 'failed',
      errorCode: 'PEER_LOST',
    });
    expect(await stateOf('req_other')).to.equal('running');
  });

  it('behaviour: requests of an orchestrator that is gone fail once, also when many see it', async () => {
    const accountId = await begin(['req_gone', 1], ['req_live', 2]);
    await live(2);
    const fail = () =>
      store()
        .transaction()
        .execute((tx) => requests.failRequests(tx, { orchestrator: requests.GONE }, END));

    const counts = (await Promise.all([fail(), fail(), fail()])).map(({ length }) => length);

    expect(counts.toSorted()).to.deep.equal([0, 0, 1]);
    expect(await stateOf('req_gone')).to.equal('failed');
    expect(await stateOf('req_live')).to.equal('running');
    await store()
      .transaction()
      .execute((tx) => requests.succeedRequest(tx, 'req_gone', ANSWERED));
    const told = await events.listEventsAfter(store(), 0, 10);
    expect(told.map(({ kind, subject, accountId: whose }) => [kind, subject, whose])).to.deep.equal([
      ['request.failed', 'req_gone', accountId],
    ]);
  });

  it('behaviour: what concerns one account is no public event, and old ones push out no public ones', async () => {
    const accountId = await begin(['req_a', 1]);
    await events.addEvent(store(), { at: 1, kind: 'worker.lost', subject: 'w', message: 'm' });
    await requests.succeedRequest(store(), 'req_a', ANSWERED);
    const [, mine] = await events.listEventsAfter(store(), 0, 10);
    expect(mine).to.include({ kind: 'request.succeeded', subject: 'req_a', accountId });
    const many = Array.from({ length: 1000 }, () => ({ at: 2, kind: 'k', subject: 's', message: 'm' }));
    for (let page = 0; page < 10; page++) {
      const rows = many.map((row) => ({ ...row, account_id: accountId }));
      await store().insertInto('events').values(rows).execute();
    }
    for (let at = 0; at < events.PRUNE_EVERY; at++) {
      await events.addEvent(store(), { at, kind: 'k', subject: 's', message: 'x'.repeat(9_000), accountId });
    }

    expect((await events.listEvents(store(), 10)).map(({ kind }) => kind)).to.deep.equal(['worker.lost']);
    const kept = await events.listEventsAfter(store(), 0, 20_000);
    expect(kept.length).to.be.within(events.MAX_EVENTS, events.MAX_EVENTS + events.PRUNE_EVERY + 1);
    expect(kept.some(({ subject }) => subject === 'req_a')).to.equal(false);
    expect(kept.at(-1)?.message.length).to.be.lessThan(1_000);
    const { oldest } = await events.eventBounds(store());
    expect(oldest, 'who goes on after the gap is told of it').to.equal(kept[1]?.id);
  }).timeout(60_000);

  it('behaviour: the keys of calls that nobody makes any more are free', async () => {
    const keys = createIdempotencyStore(store());
    const accountId = await createAccount(store());
    await live(2);
    const claim = (id: string, claimId: string, index: number) => {
      const fields: ClaimFields = {
        accountId,
        fingerprint: 'f',
        now: 1,
        leaseUntil: 1e6,
        expiresAt: 1e9,
        orchestrator: PEER(index),
      };
      return keys.claim({ id, claimId }, fields);
    };
    const again = async (id: string) => (await claim(id, 'again', 2)).claimId === 'again';
    await claim('gone', 'first', 1);
    await claim('live', 'first', 2);
    await claim('done', 'first', 1);
    await keys.finish({ id: 'done', claimId: 'first' }, null);
    await claim('own', 'first', 3);
    await live(3);
    expect(await again('gone')).to.equal(false);

    await freeKeysOfGone(store());
    await freeOwnKeys(store(), PEER(3));

    expect(await again('gone')).to.equal(true);
    expect(await again('own')).to.equal(true);
    expect(await again('live'), 'its caller is still answered').to.equal(false);
    expect(await again('done'), 'it was done').to.equal(false);
  });
}
