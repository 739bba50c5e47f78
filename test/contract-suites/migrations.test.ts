import { join } from 'node:path';
import { createTestDatabase } from '../../packages/orchestrator/test/support/postgres-database.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { migrationContract } from './migrations.ts';
import { describeWithServer } from './with-server.ts';

migrationContract({
  name: 'sqlite',
  create: async () => {
    const folder = await createTempFolder();
    return { options: { file: join(folder, 'rios.db') }, remove: () => removeFolder(folder) };
  },
});

describeWithServer('PostgreSQL', (serverUrl) => {
  migrationContract({
    name: 'postgres',
    create: async () => {
      const { url, drop } = await createTestDatabase(serverUrl);
      return { options: { url }, remove: drop };
    },
  });
});
