import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { ledgerContract } from './ledger.ts';
import { describeWithServer } from './with-server.ts';

describeWithServer('PostgreSQL', (serverUrl) => {
  let database: TestDatabase | undefined;

  ledgerContract({
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
