import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { describeOutside, describeUsers } from './users.ts';
import { describeWithServer } from './with-server.ts';

describe('users on a store', () => {
  describe('in SQLite', () => {
    describeUsers(() => createStore({ file: ':memory:' }));
    describe('outside logins', () => describeOutside(() => createStore({ file: ':memory:' })));
  });

  describeWithServer('PostgreSQL', (serverUrl) => {
    let database: TestDatabase;
    before(async () => {
      database = await createTestDatabase(serverUrl);
    });
    after(() => database.drop());
    const open = async () => {
      const store = await createStore({ url: database.url });
      await database.clear();
      return store;
    };
    describeUsers(open);
    describe('outside logins', () => describeOutside(open));
  });
});
