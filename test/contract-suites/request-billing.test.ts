import { join } from 'node:path';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { requestBillingContract } from './request-billing.ts';
import { describeWithServer } from './with-server.ts';

requestBillingContract({
  name: 'sqlite',
  create: async () => {
    const folder = await createTempFolder();
    return {
      options: { file: join(folder, 'rios.db') },
      maxStores: 1,
      run: async () => {},
      remove: () => removeFolder(folder),
    };
  },
});

describeWithServer('PostgreSQL', (serverUrl) => {
  let database: TestDatabase | undefined;

  requestBillingContract({
    name: 'postgres',
    create: async () => {
      database ??= await createTestDatabase(serverUrl);
      const { url, run } = database;
      await database.clear();
      return { options: { url }, maxStores: 5, run, remove: async () => {} };
    },
    close: async () => database?.drop(),
  });
});
