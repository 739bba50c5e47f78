import { systemClock } from '@rios/sdk/clock';
import { silentLog } from '@rios/sdk/log';
import { createStoreQueue } from '../../packages/orchestrator/src/queue/store-queue.ts';
import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { queueContract } from './queue.ts';
import { describeWithServer } from './with-server.ts';

const queueIn = (store: Store) => createStoreQueue({ store, clock: systemClock, log: silentLog });

describe('without a server', () => {
  let store: Store;
  queueContract({
    name: 'sqlite',
    open: async () => {
      store = await createStore({ file: ':memory:' });
      return queueIn(store);
    },
    again: async () => queueIn(store),
  });
});

describeWithServer('PostgreSQL', (serverUrl) => {
  let database: TestDatabase | undefined;
  const stores: Store[] = [];
  const open = async (url: string) => {
    const store = await createStore({ url });
    stores.push(store);
    return queueIn(store);
  };
  queueContract({
    name: 'postgres',
    open: async () => {
      database ??= await createTestDatabase(serverUrl);
      const queue = await open(database.url);
      await database.clear();
      return queue;
    },
    again: () => open(database?.url ?? ''),
    close: async () => {
      for (const store of stores) await store.destroy();
      await database?.drop();
    },
  });
});
