import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { directoryContract } from './directory.ts';
import { fleetContract } from './fleet.ts';
import { describeWithServer } from './with-server.ts';

describeWithServer('PostgreSQL', (serverUrl) => {
  let database: TestDatabase | undefined;
  after(() => database?.drop());

  const backend = {
    name: 'postgres',
    open: async () => {
      database ??= await createTestDatabase(serverUrl);
      const store = await createStore({ url: database.url });
      await database.clear();
      return store;
    },
  };
  fleetContract(backend);
  directoryContract(backend);
});
