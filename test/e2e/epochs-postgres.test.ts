import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { describeEpochs } from '../contract-suites/epochs.ts';
import { describeWithServer } from '../contract-suites/with-server.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';

describeWithServer('PostgreSQL', (serverUrl) => {
  describe('epochs on postgres', function () {
    this.timeout(60_000);
    let database: TestDatabase;
    before(async () => {
      database = await createTestDatabase(serverUrl);
    });
    after(() => database.drop());
    describeEpochs(async () => {
      const dataDir = await createTempFolder();
      const store = await createStore({ url: database.url });
      await database.clear();
      const close = async () => {
        await store.destroy();
        await removeFolder(dataDir);
      };
      return { store, dataDir, databaseUrl: database.url, close };
    });
  });
});
