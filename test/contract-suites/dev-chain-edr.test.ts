import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { systemClock } from '@rios/sdk/clock';
import { silentLog } from '@rios/sdk/log';
import { deriveDevAccounts } from '../../packages/orchestrator/src/chain/dev-accounts.ts';
import { devChainPaths, startDevChain } from '../../packages/orchestrator/src/chain/start-dev-chain.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { devChainContract } from './dev-chain.ts';

devChainContract('of RiOS', async () => {
  const dataDir = await createTempFolder();
  const modules = { clock: systemClock, log: silentLog, random: randomBytes };
  const { ready, stop } = await startDevChain({ dataDir, port: 0, storeId: '' }, modules);
  const mnemonic = await readFile(devChainPaths(dataDir).mnemonicFile, 'utf8');
  return {
    rpcUrl: ready.rpcUrl,
    chainId: ready.chainId,
    key: deriveDevAccounts(mnemonic.trim()).judge3.privateKey,
    stop: async () => {
      await stop();
      await removeFolder(dataDir);
    },
  };
});
