import { silentLog } from '@rios/sdk/log';
import type { EventView } from '@rios/sdk/schema/api';
import { expect } from 'chai';
import { createEventFeed } from '../../src/gateway/event-feed.ts';
import { addEvent, eventBounds, listEventsAfter } from '../../src/store/events.ts';
import type { Store } from '../../src/store/store.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { openMemoryStore } from '../support/seed-store.ts';

describe('createEventFeed', () => {
  let store: Store;
  let reads = 0;
  const clock = createManualClock();
  beforeEach(async () => {
    store = await openMemoryStore();
    reads = 0;
  });
  afterEach(() => store.destroy());
  const createFeed = () => {
    const after = (id: number, limit: number) => {
      reads++;
      return listEventsAfter(store, id, limit);
    };
    return createEventFeed({ source: { bounds: () => eventBounds(store), after }, clock, log: silentLog });
  };
  const add = async (...subjects: string[]) => {
    for (const subject of subjects)
      await addEvent(store, { at: 1, kind: 'model.placed', subject, message: 'm' });
  };
  /** Listens until `count` events came. */
  const listen = (
    feed: ReturnType<typeof createFeed>,
    count: number,
    after?: number,
    topics?: string[],
    accountId = 'acc_a',
  ) => {
    const got: EventView[] = [];
    const stop = new AbortController();
    const send = async (event: EventView) => {
      got.push(event);
      if (got.length >= count) stop.abort();
    };
    const ended = feed.watch({ after, topics, accountId, signal: stop.signal, send }).then(() => got);
    return { ended, stop, got };
  };
  /** Lets polls come until the work is done. */
  const ticking = async <T>(work: Promise<T>): Promise<T> => {
    let over = false;
    void work.finally(() => (over = true)).catch(() => {});
    for (let turn = 0; !over && turn < 500; turn++) {
      clock.advance(250);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return work;
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('default: everything after an id, in order, then what comes', async () => {
    await add('a', 'b', 'c');
    const feed = createFeed();
    const { ended } = listen(feed, 4, 1);
    await settle();
    await add('d', 'e');

    expect((await ticking(ended)).map(({ subject }) => subject)).to.deep.equal(['b', 'c', 'd', 'e']);
  });

  it('behaviour: without an id only what comes from now on', async () => {
    await add('a', 'b');
    const feed = createFeed();
    const { ended } = listen(feed, 1);
    await settle();
    await settle();
    await add('c');

    expect((await ticking(ended)).map(({ subject }) => subject)).to.deep.equal(['c']);
  });

  it('behaviour: topics choose; ids of what was left out are passed', async () => {
    await add('a');
    await addEvent(store, { at: 1, kind: 'worker.lost', subject: 'w', message: 'm' });
    const { ended } = listen(createFeed(), 1, 0, ['worker']);

    expect((await ticking(ended)).map(({ id, subject }) => ({ id, subject }))).to.deep.equal([
      { id: 2, subject: 'w' },
    ]);
  });

  it('behaviour: what concerns one account is told to that account alone, and not whose it is', async () => {
    for (const accountId of ['acc_a', 'acc_b', 'acc_a']) {
      await addEvent(store, { at: 1, kind: 'request.failed', subject: accountId, message: 'm', accountId });
    }
    await add('all');
    const feed = createFeed();
    const [mine, theirs, old] = [
      listen(feed, 3, 0, undefined, 'acc_a'),
      listen(feed, 2, 0, undefined, 'acc_b'),
      listen(feed, 1, 0, ['model'], 'acc_c'),
    ];

    const subjects = (got: EventView[]) => got.map(({ subject }) => subject);
    expect(subjects(await ticking(mine.ended))).to.deep.equal(['acc_a', 'acc_a', 'all']);
    expect(subjects(await ticking(theirs.ended))).to.deep.equal(['acc_b', 'all']);
    expect(subjects(await ticking(old.ended))).to.deep.equal(['all']);
    expect(mine.got[0]).to.have.all.keys('id', 'at', 'kind', 'subject', 'message');
  });

  it('behaviour: a hundred listeners cost one reader; when the last is gone nothing is read', async () => {
    const feed = createFeed();
    const listeners = Array.from({ length: 100 }, () => listen(feed, 1));
    await settle();
    await settle();
    await add('a');
    for (const { ended } of listeners) expect(await ticking(ended)).to.have.length(1);
    expect(reads).to.be.lessThan(20);

    expect(feed.listeners).to.equal(0);
    await settle();
    const before = reads;
    for (let turn = 0; turn < 10; turn++) {
      clock.advance(250);
      await settle();
    }
    expect(reads).to.equal(before);
  });

  it('behaviour: who fell further behind than memory holds misses nothing', async () => {
    const subjects = Array.from({ length: 3_000 }, (_, index) => `s${index}`);
    await add(...subjects);
    const { ended } = listen(createFeed(), 3_000, 0);

    expect((await ticking(ended)).map(({ subject }) => subject)).to.deep.equal(subjects);
  });

  it('behaviour: whose next events are kept no more is told so', async () => {
    await add('a', 'b', 'c', 'd');
    await store.deleteFrom('events').where('id', '<=', 3).execute();
    const { ended } = listen(createFeed(), 2, 1);

    expect((await ticking(ended)).map(({ id, kind }) => ({ id, kind }))).to.deep.equal([
      { id: 3, kind: 'events.missed' },
      { id: 4, kind: 'model.placed' },
    ]);
  });

  it('behaviour: an id of the future is now', async () => {
    await add('a');
    const { ended } = listen(createFeed(), 1, 999);
    await settle();
    await settle();
    await add('b');

    expect((await ticking(ended)).map(({ subject }) => subject)).to.deep.equal(['b']);
  });
});
