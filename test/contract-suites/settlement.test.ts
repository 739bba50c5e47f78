import { createStore, type Store } from '../../packages/orchestrator/src/store/store.ts';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { describeSending } from './sending.ts';
import { describeSettlement } from './settlement.ts';
import { describeWithServer } from './with-server.ts';

function settlementContract(name: string, open: () => Promise<Store>): void {
  describe(`settlement on ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.destroy());

    describeSettlement(() => store);
    describeSending(() => store);
  });
}

settlementContract('sqlite', () => createStore({ file: ':memory:' }));

describeWithServer('PostgreSQL', (serverUrl) => {
  let database: TestDatabase | undefined;
  after(() => database?.drop());
  settlementContract('postgres', async () => {
    database ??= await createTestDatabase(serverUrl);
    const store = await createStore({ url: database.url });
    await database.clear();
    return store;
  });
});
