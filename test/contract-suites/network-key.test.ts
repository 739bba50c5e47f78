import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { describeNetworkKey } from './network-key.ts';
import { describeWithServer } from './with-server.ts';

describe('the network key of a store', () => {
  describe('in SQLite', () => describeNetworkKey(() => createStore({ file: ':memory:' })));

  describeWithServer('PostgreSQL', (serverUrl) => {
    let database: TestDatabase;
    before(async () => {
      database = await createTestDatabase(serverUrl);
    });
    after(() => database.drop());
    describeNetworkKey(async () => {
      const store = await createStore({ url: database.url });
      await database.clear();
      return store;
    });
  });
});
