import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { ledgerContract } from './ledger.ts';

ledgerContract({
  name: 'sqlite',
  create: async () => {
    const folder = await createTempFolder();
    const file = join(folder, 'rios.db');
    return {
      options: { file },
      maxStores: 1,
      run: async (sql) => {
        const other = new DatabaseSync(file, { enableForeignKeyConstraints: false, timeout: 5_000 });
        try {
          other.exec(sql);
        } finally {
          other.close();
        }
      },
      remove: () => removeFolder(folder),
    };
  },
});
