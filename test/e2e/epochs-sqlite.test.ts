import { join } from 'node:path';
import { createStore } from '../../packages/orchestrator/src/store/store.ts';
import { describeEpochs } from '../contract-suites/epochs.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';

describe('epochs on sqlite', function () {
  this.timeout(60_000);
  describeEpochs(async () => {
    const dataDir = await createTempFolder();
    const store = await createStore({ file: join(dataDir, 'rios.db') });
    const close = async () => {
      await store.destroy();
      await removeFolder(dataDir);
    };
    return { store, dataDir, databaseUrl: undefined, close };
  });
});
