import { join } from 'node:path';
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/orchestrator/test/support/postgres-database.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { accountMoneyContract } from './account-money.ts';
import { billingViewsContract } from './billing-views.ts';
import type { LedgerBackend } from './ledger.ts';
import { describeWithServer } from './with-server.ts';

const sqlite: LedgerBackend = {
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
};
accountMoneyContract(sqlite);
billingViewsContract(sqlite);

describeWithServer('PostgreSQL', (serverUrl) => {
  let database: TestDatabase | undefined;
  const postgres: LedgerBackend = {
    name: 'postgres',
    create: async () => {
      database ??= await createTestDatabase(serverUrl);
      const { url, run } = database;
      await database.clear();
      return { options: { url }, maxStores: 5, run, remove: async () => {} };
    },
  };
  after(() => database?.drop());

  accountMoneyContract(postgres);
  billingViewsContract(postgres);
});
