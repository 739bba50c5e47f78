import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { describeOauth } from './oauth.ts';
import { describeWithServer } from './with-server.ts';

describe('OAuth on a store', () => {
  describe('in SQLite', () => describeOauth(() => createStore({ file: ':memory:' })));

  describeWithServer('PostgreSQL', (serverUrl) => {
    let database: TestDatabase;
    before(async () => {
      database = await createTestDatabase(serverUrl);
    });
    after(() => database.drop());
    describeOauth(async () => {
      const store = await createStore({ url: database.url });
      await database.clear();
      return store;
    });
  });
});
