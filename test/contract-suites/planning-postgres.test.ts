import { expect } from 'chai';
import { addEvent, listEvents } from '../../packages/orchestrator/src/store/events.ts';
import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import { expectError } from '../../packages/orchestrator/test/support/expect-error.ts';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { planningContract } from './planning.ts';
import { describeWithServer } from './with-server.ts';

describeWithServer('PostgreSQL', (serverUrl) => {
  let database: TestDatabase | undefined;

  planningContract({
    name: 'postgres',
    open: async (first) => {
      database ??= await createTestDatabase(serverUrl);
      const store = await createStore({ url: database.url });
      if (first) await database.clear();
      return store;
    },
    close: async () => database?.drop(),
  });

  it('behaviour: one that stands still in mid-transaction keeps the others waiting for 5 s, not for good', async () => {
    const own = await createTestDatabase(serverUrl);
    const [still, other] = [await createStore({ url: own.url }), await createStore({ url: own.url })];
    const event = { at: 1, kind: 'test.event', subject: 's', message: 'm' };
    const { promise: goOn, resolve: wake } = Promise.withResolvers<void>();
    const { promise: locked, resolve: hasLocked } = Promise.withResolvers<void>();
    const standing = still.transaction().execute(async (tx) => {
      await addEvent(tx, event);
      hasLocked();
      await goOn;
      await addEvent(tx, event);
    });
    const failed = expectError(standing, 'SERVICE_UNAVAILABLE');
    await locked;
    const before = performance.now();

    await addEvent(other, { ...event, subject: 'other' });
    expect(performance.now() - before).to.be.lessThan(10_000);

    wake();
    await failed;
    expect((await listEvents(other, 9)).map(({ subject }) => subject)).to.deep.equal(['other']);
    await Promise.all([still.destroy(), other.destroy()]);
    await own.drop();
  });
});
