import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { describeRotation } from './rotation.ts';
import { describeWithServer } from './with-server.ts';

describe('rotation of the master key', () => {
  describe('in SQLite', () => describeRotation(() => createStore({ file: ':memory:' })));

  describeWithServer('PostgreSQL', (serverUrl) => {
    let database: TestDatabase;
    before(async () => {
      database = await createTestDatabase(serverUrl);
    });
    after(() => database.drop());
    describeRotation(async () => {
      const store = await createStore({ url: database.url });
      await database.clear();
      return store;
    });
  });
});
