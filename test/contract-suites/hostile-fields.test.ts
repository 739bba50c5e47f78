import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { describeHostileFields } from './hostile-fields.ts';
import { describeWithServer } from './with-server.ts';

describe('hostile text in every field', () => {
  describe('on SQLite', () => describeHostileFields(10, () => createStore({ file: ':memory:' })));

  describeWithServer('PostgreSQL', (serverUrl) => {
    let database: TestDatabase;
    before(async () => {
      database = await createTestDatabase(serverUrl);
    });
    after(() => database.drop());
    // in a suite of its own: what it opened is closed before the database goes
    describe('with a database of its own', () =>
      describeHostileFields(4, async () => {
        const store = await createStore({ url: database.url });
        await database.clear();
        return store;
      }));
  });
});
