import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { deploymentPlanningContract } from './deployment-planning.ts';
import { describeWithServer } from './with-server.ts';

describeWithServer('PostgreSQL', (serverUrl) => {
  let database: TestDatabase | undefined;

  deploymentPlanningContract({
    name: 'postgres',
    open: async (first) => {
      database ??= await createTestDatabase(serverUrl);
      const store = await createStore({ url: database.url });
      if (first) await database.clear();
      return store;
    },
    close: async () => database?.drop(),
  });
});
