import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { describeFunds } from './funds.ts';
import { describeWithServer } from './with-server.ts';

function fundsContract(name: string, open: () => Promise<Store>): void {
  describe(`funds on ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.destroy());

    describeFunds(() => store);
  });
}

fundsContract('sqlite', () => createStore({ file: ':memory:' }));

describeWithServer('PostgreSQL', (serverUrl) => {
  let database: TestDatabase | undefined;
  after(() => database?.drop());
  fundsContract('postgres', async () => {
    database ??= await createTestDatabase(serverUrl);
    const store = await createStore({ url: database.url });
    await database.clear();
    return store;
  });
});
